import { closeSync, openSync, writeSync } from 'node:fs'
import type { Command } from 'commander'
import { z } from 'zod'
import { fail } from '../../../core/errors.ts'
import {
  erasureGrounds,
  extensionReasons,
  keepReasons,
  refusalReasons,
  verificationLevels,
  verificationMethods,
} from '../../../core/model/subjectRequest.ts'
import type { Client } from '../client.ts'
import { show } from '../context.ts'
import type { CommandTable } from '../context.ts'
import { asIdentifier, change, findRequest, listRequests, openRequest } from '../subject.ts'
import type { RequestView } from '../subject.ts'

interface Options {
  json?: boolean
}

/** How the person is known, where a command opens the request that it answers. */
interface ProofOptions extends Options {
  verifiedBy?: string
  level: string
}

interface EraseOptions extends ProofOptions {
  reason: string
  keep?: string[]
  because?: string
}

interface RectifyOptions extends ProofOptions {
  set?: string[]
  wrong?: string[]
  right?: string[]
}

const methods = verificationMethods.join(', ')

export function addSubject(program: Command, table: CommandTable): void {
  const subject = program
    .command('subject')
    .description(
      'what data subjects ask for: <person> is an identifier such as email=ada@example.com',
    )

  const ask = (name: string, description: string): Command =>
    subject
      .command(`${name} <person>`)
      .description(description)
      .option('--verified-by <method>', `how they showed who they are: ${methods}`)
      .option('--level <level>', verificationLevels.slice(1).join(', '), 'verified')
      .option('--json', 'print JSON')

  ask('access', 'open a request for access; with --verified-by and --file write the answer')
    .option('--portable', 'only what they provided themselves, for use elsewhere (Art. 20)')
    .option('--file <path>', 'write the package to a new file and complete the request')
    .action((person: string, options: ProofOptions & { portable?: boolean; file?: string }) =>
      access(table, person, options),
    )
  ask('erase', 'open a request for erasure; with --verified-by erase the person')
    .option('--reason <ground>', erasureGrounds.join(', '), 'consent_withdrawn')
    .option('--keep <trait...>', 'traits that a law demands to be kept')
    .option('--because <reason>', keepReasons.join(', '))
    .action((person: string, { reason, keep, because, ...options }: EraseOptions) => {
      if ((keep === undefined) !== (because === undefined)) {
        const why =
          'what is kept has a reason, and a reason keeps something: give --keep and --because'
        throw fail('bad_input', { path: '--keep', reason: why })
      }
      return answer(table, person, options, { kind: 'ERASURE' }, async (client, id) => {
        for (const trait of keep ?? []) {
          const refusal = { id, part: `trait:${trait}`, reason: (because ?? '').toUpperCase() }
          await change(client, 'refuseSubjectRequestPart', 'RefuseSubjectRequestPartInput', refusal)
        }
        const input = { id, reason: reason.toUpperCase() }
        return change(client, 'eraseSubject', 'EraseSubjectInput', input)
      })
    })
  ask('restrict', 'keep what is known and do nothing else with it (Art. 18)').action(
    (person: string, options: ProofOptions) =>
      answer(table, person, options, { kind: 'RESTRICTION' }, (client, id) =>
        change(client, 'restrictSubject', 'SubjectRequestIdInput', { id }),
      ),
  )
  ask('object', 'do nothing for a purpose any more (Art. 21)')
    .requiredOption('--purpose <purpose>', 'such as marketing')
    .action((person: string, { purpose, ...options }: ProofOptions & { purpose: string }) =>
      answer(table, person, options, { kind: 'OBJECTION', purpose }, (client, id) =>
        change(client, 'recordObjection', 'SubjectRequestIdInput', { id }),
      ),
    )
  ask('rectify', 'write what they say about themselves over what was known (Art. 16)')
    .option('--set <key=value...>', 'traits; a value is JSON or else a text')
    .option('--wrong <namespace=value...>', 'identifiers that are not theirs')
    .option('--right <namespace=value...>', 'identifiers that are theirs')
    .action((person: string, { set, wrong, right, ...options }: RectifyOptions) => {
      const corrections = {
        traits: (set ?? []).map(asTrait),
        wrongIdentifiers: (wrong ?? []).map((text) => asIdentifier(text, '--wrong')),
        rightIdentifiers: (right ?? []).map((text) => asIdentifier(text, '--right')),
      }
      return answer(table, person, options, { kind: 'RECTIFICATION' }, (client, id) =>
        change(client, 'rectifySubject', 'RectifySubjectInput', { id, ...corrections }),
      )
    })
  addHandling(subject, table)
}

function addHandling(subject: Command, table: CommandTable): void {
  const handle = (name: string, description: string): Command =>
    subject.command(`${name} <request>`).description(description).option('--json', 'print JSON')
  const changed = async (
    options: Options,
    mutation: string,
    type: string,
    input: object,
  ): Promise<void> => {
    await using client = await table.openClient()
    print(table, options, [await change(client, mutation, type, input)])
  }

  subject
    .command('status [request]')
    .description('list the requests with their due dates, or show one with its history')
    .option('--json', 'print JSON')
    .action((id: string | undefined, options: Options) => status(table, id, options))
  handle('verify', 'note how the person showed who they are')
    .requiredOption('--method <method>', methods)
    .option('--level <level>', verificationLevels.slice(1).join(', '), 'verified')
    .action(
      (id: string, { method, level, ...options }: Options & { method: string; level: string }) =>
        changed(options, 'verifySubject', 'VerifySubjectInput', {
          id,
          method: method.toUpperCase(),
          level: level.toUpperCase(),
        }),
    )
  handle('extend', 'take more time, once, before the first is up')
    .requiredOption('--reason <reason>', extensionReasons.join(', '))
    .action((id: string, { reason, ...options }: Options & { reason: string }) =>
      changed(options, 'extendSubjectRequest', 'ExtendSubjectRequestInput', {
        id,
        reason: reason.toUpperCase(),
      }),
    )
  handle('refuse', 'leave a part out of the answer, or refuse all of it')
    .option('--part <part>', 'all, a part such as events, or trait:<key>', 'all')
    .requiredOption('--reason <reason>', Object.keys(refusalReasons).join(', '))
    .action(
      (id: string, { part, reason, ...options }: Options & { part: string; reason: string }) =>
        changed(options, 'refuseSubjectRequestPart', 'RefuseSubjectRequestPartInput', {
          id,
          part,
          reason: reason.toUpperCase(),
        }),
    )
  handle('complete', 'the person has their answer').action((id: string, options: Options) =>
    changed(options, 'completeSubjectRequest', 'SubjectRequestIdInput', { id }),
  )
  handle('lift', 'end a restriction, after the person was told')
    .requiredOption('--told <time>', 'when they were told, such as 2026-01-31T12:00:00Z')
    .action((id: string, { told, ...options }: Options & { told: string }) =>
      changed(options, 'liftRestriction', 'LiftRestrictionInput', { id, toldAt: told }),
    )
  handle('end', 'erase what an erasure kept, because the reason has ended')
    .option('--part <part>', 'trait:<key>; all that it kept unless said')
    .action((id: string, { part, ...options }: Options & { part?: string }) =>
      changed(options, 'endRetention', 'EndRetentionInput', { id, part }),
    )
  handle('package', 'write the answer to a request for access to a new file')
    .requiredOption('--file <path>', 'where to')
    .action(async (id: string, { file }: { file: string }) => {
      await using client = await table.openClient()
      table.write(`${await save(client, id, file)} bytes written to ${file}.`)
    })
}

const briefOf = ({ id, kind, state, dueAt, verification, regulation, refusals }: RequestView) => ({
  request: id,
  kind,
  state,
  due: dueAt,
  law: regulation,
  known: verification,
  refused: refusals.map(({ part, reason }) => `${part}:${reason}`),
})

function print(table: CommandTable, options: Options, requests: readonly RequestView[]): void {
  if (options.json) table.write(JSON.stringify(requests, null, 2))
  else show(table, options, requests.map(briefOf))
}

/** Opens a request; where the person is known it is answered and completed at once. */
async function answer(
  table: CommandTable,
  person: string,
  options: ProofOptions,
  about: object,
  act: (client: Client, id: string) => Promise<unknown>,
): Promise<void> {
  await using client = await table.openClient()
  const opened = await openRequest(client, person, about, options)
  if (options.verifiedBy === undefined) {
    print(table, options, [opened])
    return
  }
  await act(client, opened.id)
  const input = { id: opened.id }
  const done = await change(client, 'completeSubjectRequest', 'SubjectRequestIdInput', input)
  print(table, options, [done])
}

async function access(
  table: CommandTable,
  person: string,
  { portable, file, ...options }: ProofOptions & { portable?: boolean; file?: string },
): Promise<void> {
  const about = { kind: portable ? 'PORTABILITY' : 'ACCESS' }
  if (file !== undefined) {
    await answer(table, person, options, about, (client, id) => save(client, id, file))
    return
  }
  await using client = await table.openClient()
  print(table, options, [await openRequest(client, person, about, options)])
}

/** A package is for one pair of eyes: the file is new, and nobody else's to read. */
async function save(client: Client, id: string, file: string): Promise<number> {
  const chunks = await client.download(`/subject-requests/${id}/package`)
  const descriptor = openSync(file, 'wx', 0o600)
  let size = 0
  try {
    for await (const chunk of chunks) size += writeSync(descriptor, chunk)
  } finally {
    closeSync(descriptor)
  }
  return size
}

function asTrait(text: string): { key: string; value: unknown } {
  const at = text.indexOf('=')
  if (at < 1) throw fail('bad_input', { path: '--set', reason: 'write it as key=value' })
  const value = text.slice(at + 1)
  try {
    return { key: text.slice(0, at), value: z.json().parse(JSON.parse(value)) }
  } catch {
    return { key: text.slice(0, at), value }
  }
}

async function status(
  table: CommandTable,
  id: string | undefined,
  options: Options,
): Promise<void> {
  await using client = await table.openClient()
  if (id === undefined) {
    print(table, options, await listRequests(client))
    return
  }
  const { history, ...request } = await findRequest(client, id)
  if (options.json) {
    table.write(JSON.stringify({ ...request, history }, null, 2))
    return
  }
  print(table, options, [request])
  show(
    table,
    options,
    history.map(({ at, act, state, actor }) => ({ at, act, state, actor })),
  )
}
