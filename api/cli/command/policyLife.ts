import type { Command } from 'commander'
import { z } from 'zod'
import { fail } from '../../../core/errors.ts'
import { errorFields, refuseErrors, userErrors } from '../client.ts'
import type { Client } from '../client.ts'
import { listAll } from '../listAll.ts'
import { show } from '../context.ts'
import type { CommandTable } from '../context.ts'
import { readPolicyFile } from './policyFile.ts'

interface Options {
  json?: boolean
}

const versionFields = 'number status title widens approvalsNeeded approvals { approver }'
const versionSchema = z.object({
  number: z.number(),
  status: z.string(),
  title: z.string(),
  widens: z.boolean().nullable(),
  approvalsNeeded: z.number().nullable(),
  approvals: z.array(z.object({ approver: z.string() })),
})
type Version = z.infer<typeof versionSchema>

const rowOf = ({ approvalsNeeded, approvals, ...version }: Version) => ({
  number: version.number,
  status: version.status.toLowerCase(),
  title: version.title,
  widens: version.widens,
  approvals: approvalsNeeded === null ? '-' : `${approvals.length} of ${approvalsNeeded}`,
  approvers: approvals.map(({ approver }) => approver),
})

/** The steps of a version's life. Each is an operation of the API, in the words of its refusals. */
export function addPolicyLife(policy: Command, table: CommandTable): void {
  policy
    .command('list')
    .description('list policy versions, newest first')
    .option('--json', 'print JSON')
    .action((options: Options) => list(table, options))

  policy
    .command('draft <file>')
    .description('store a document without proposing it')
    .requiredOption('--reason <text>', 'why it is wanted')
    .option('--json', 'print JSON')
    .action((file: string, { reason, ...options }: Options & { reason: string }) =>
      act(table, options, 'draftPolicy', { document: readPolicyFile(file), reason }),
    )

  policy
    .command('propose <file-or-number>')
    .description('ask for the approval of a document, or of a draft by its number')
    .option('--reason <text>', 'why it is wanted; needed with a document')
    .option('--json', 'print JSON')
    .action((what: string, { reason, ...options }: Options & { reason?: string }) => {
      const input = isNumber(what)
        ? { number: Number(what) }
        : { document: readPolicyFile(what), reason }
      return act(table, options, 'proposePolicy', input)
    })

  policy
    .command('approve <number>')
    .description('agree to a version that somebody else wrote')
    .option('--comment <text>', 'what the approver has to say')
    .option('--json', 'print JSON')
    .action((number: string, { comment, ...options }: Options & { comment?: string }) =>
      act(table, options, 'approvePolicy', { number: numberOf(number), comment }),
    )

  policy
    .command('shadow <number>')
    .description('compare the answers of a proposed version with those in force, changing none')
    .option('--json', 'print JSON')
    .action((number: string, options: Options) =>
      act(table, options, 'shadowPolicy', { number: numberOf(number) }),
    )
}

interface BreakGlassOptions {
  breakGlass?: string
  hours: string
}

/** The steps that change what is in force. */
export function addPolicyForce(policy: Command, table: CommandTable): void {
  policy
    .command('activate <number>')
    .description('put an approved version in force everywhere')
    .option('--break-glass <reason>', 'without its approvals, for a while; raises the alarm')
    .option('--hours <hours>', 'how long that lasts, 24 at most', '4')
    .option('--json', 'print JSON')
    .action((number: string, { breakGlass, hours, ...options }: Options & BreakGlassOptions) =>
      act(table, options, 'activatePolicy', {
        number: numberOf(number),
        ...(breakGlass === undefined
          ? {}
          : { breakGlass: { reason: breakGlass, hours: hoursOf(hours) } }),
      }),
    )

  policy
    .command('rollback [number]')
    .description('put back in force what was before, or an earlier version')
    .requiredOption('--reason <text>', 'what was wrong')
    .option('--json', 'print JSON')
    .action((number: string | undefined, { reason, ...options }: Options & { reason: string }) => {
      const to = number === undefined ? undefined : numberOf(number)
      return act(table, options, 'rollbackPolicy', { to, reason })
    })

  policy
    .command('withdraw <number>')
    .description('give up a version that is not in force')
    .option('--json', 'print JSON')
    .action((number: string, options: Options) =>
      act(table, options, 'withdrawPolicy', { number: numberOf(number) }),
    )
}

async function list(table: CommandTable, options: Options): Promise<void> {
  await using client = await table.openClient()
  show(table, options, (await listVersions(client)).map(rowOf))
}

/** Newest first, without the documents. */
export const listVersions = (client: Client): Promise<Version[]> =>
  listAll(client, { of: 'policyVersions', node: versionSchema, fields: versionFields })

async function act(
  table: CommandTable,
  options: Options,
  operation: string,
  input: object,
): Promise<void> {
  await using client = await table.openClient()
  const inputType = `${operation.charAt(0).toUpperCase()}${operation.slice(1)}Input`
  const outcome = z.object({ policyVersion: versionSchema.nullable(), errors: userErrors })
  const answer = await client.ask(
    z.object({ done: outcome }),
    `mutation ($input: ${inputType}!) {
      done: ${operation}(input: $input) { policyVersion { ${versionFields} } ${errorFields} } }`,
    { input },
  )
  refuseErrors(answer.done.errors)
  const { policyVersion } = answer.done
  show(table, options, policyVersion ? [rowOf(policyVersion)] : [])
}

export const isNumber = (text: string): boolean => /^\d{1,9}$/.test(text)

/** @throws bad_input */
export function numberOf(text: string): number {
  if (isNumber(text)) return Number(text)
  throw fail('bad_input', { path: text, reason: 'it is not the number of a version' })
}

function hoursOf(text: string): number {
  const hours = Number(text)
  if (Number.isInteger(hours) && hours >= 1 && hours <= 24) return hours
  throw fail('bad_input', { path: '--hours', reason: 'it is not a whole number from 1 to 24' })
}
