import type { Command } from 'commander'
import { z } from 'zod'
import { fail } from '../../../core/errors.ts'
import { followUpStates } from '../../../core/model/followUp.ts'
import { errorFields, refuseErrors, userErrors, type Client } from '../client.ts'
import { listAll } from '../listAll.ts'
import { oneOf } from '../oneOf.ts'
import { show, type CommandTable } from '../context.ts'

interface ListOptions {
  overdue?: boolean
  state?: string
  json?: boolean
}

const fields = `id profile kind state purpose channel destination reason attempts lastError askedAt dueAt endedAt`

const followUpSchema = z.object({
  id: z.string(),
  profile: z.string(),
  kind: z.string().toLowerCase(),
  state: z.string().toLowerCase(),
  purpose: z.string().nullable(),
  channel: z.string(),
  destination: z.string().nullable(),
  reason: z.string(),
  attempts: z.number(),
  lastError: z.string().nullable(),
  askedAt: z.string(),
  dueAt: z.string(),
  endedAt: z.string().nullable(),
})
type FollowUp = z.infer<typeof followUpSchema>

export function addFollowUp(program: Command, table: CommandTable): void {
  const followUp = program
    .command('follow-up')
    .description('what those who were sent something are told when a person refuses or is erased')

  followUp
    .command('list')
    .description('list them, newest first')
    .option('--overdue', 'only those that were given up or not taken in five tries')
    .option('--state <state>', followUpStates.join(', '), oneOf(followUpStates))
    .option('--json', 'print JSON')
    .action(async ({ overdue, state, ...options }: ListOptions) => {
      await using client = await table.openClient()
      const found = await list(client, {
        ...(overdue ? { overdue } : {}),
        ...(state ? { state: state.toUpperCase() } : {}),
      })
      if (options.json) table.write(JSON.stringify(found, null, 2))
      else show(table, options, found.map(briefOf))
    })

  followUp
    .command('retry <id>')
    .description('try one again at once; not one that its receiver has')
    .option('--json', 'print JSON')
    .action(async (id: string, options: { json?: boolean }) => {
      await using client = await table.openClient()
      const payload = z.object({ followUp: followUpSchema.nullable(), errors: userErrors })
      const { retryFollowUp } = await client.ask(
        z.object({ retryFollowUp: payload }),
        `mutation ($input: RetryFollowUpInput!) { retryFollowUp(input: $input) {
          followUp { ${fields} } ${errorFields} } }`,
        { input: { id } },
      )
      refuseErrors(retryFollowUp.errors)
      if (!retryFollowUp.followUp) throw fail('internal')
      if (options.json) table.write(JSON.stringify(retryFollowUp.followUp))
      else show(table, options, [briefOf(retryFollowUp.followUp)])
    })
}

const list = (client: Client, filter: object): Promise<FollowUp[]> =>
  listAll(client, {
    of: 'followUps',
    node: followUpSchema,
    fields,
    filter: { type: 'FollowUpFilter', value: filter },
  })

const briefOf = ({
  id,
  kind,
  state,
  channel,
  destination,
  attempts,
  lastError,
  dueAt,
}: FollowUp) => ({
  followUp: id,
  kind,
  state,
  channel,
  destination,
  attempts,
  lastError,
  due: state === 'pending' ? dueAt : null,
})
