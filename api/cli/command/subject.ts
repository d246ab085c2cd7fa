import { closeSync, openSync, writeSync } from 'node:fs'
import type { Command } from 'commander'
import { z } from 'zod'
import { fail } from '../../../core/errors.ts'
import {
  erasureGrounds,
  extensionReasons,
  keepReasons,
  refusalReasons,
  upholdReasons,
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

interface TakeBackOptions extends Options {
  verifiedBy: string
  level: string
  verifiedAt?: string
}

interface ReviewOptions extends Options {
  uphold?: string
  overturn?: string | true
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
  addRights(ask, table)
  addHandling(subject, table)
  addReviewing(subject, table)
}

/** Rights that leave the data where it is, or put it right. */
function addRights(ask: (name: string, description: string) => Command, table: CommandTable): void {
  ask('object', 'do nothing for a purpose any more (Art. 21)')
    .requiredOption('--purpose <purpose>', 'such as marketing')
    .action((person: string, { purpose, ...options }: ProofOptions & { purpose: string }) =>
      answer(table, person, options, { kind: 'OBJECTION', purpose }, (client, id) =>
        change(client, 'recordObjection', 'SubjectRequestIdInput', { id }),
      ),
    )
  ask('contest', 'ask that a person looks at what an agent concluded (Art. 22)')
    .requiredOption('--trait <key>', 'such as churn_risk')
    .action(async (person: string, { trait, ...options }: ProofOptions & { trait: string }) => {
      await using client = await table.openClient()
      const about = { kind: 'AUTOMATED_DECISION_REVIEW', trait }
      print(table, options, [await openRequest(client, person, about, options)])
    })
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
}

const handlerOf =
  (subject: Command) =>
  (name: string, description: string): Command =>
    subject.command(`${name} <request>`).description(description).option('--json', 'print JSON')

const changer =
  (table: CommandTable) =>
  async (options: Options, mutation: string, type: string, input: object): Promise<void> => {
    await using client = await table.openClient()
    print(table, options, [await change(client, mutation, type, input)])
  }

function addHandling(subject: Command, table: CommandTable): void {
  const handle = handlerOf(subject)
  const changed = changer(table)

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
  handle('package', 'write the answer to a request for access to a new file')
    .requiredOption('--file <path>', 'where to')
    .action(async (id: string, { file }: { file: string }) => {
      await using client = await table.openClient()
      table.write(`${await save(client, id, file)} bytes written to ${file}.`)
    })
}

/** What goes on after a request has been answered, or is answered by looking. */
function addReviewing(subject: Command, table: CommandTable): void {
  const handle = handlerOf(subject)
  const changed = changer(table)
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
  handle('take-back', 'the person takes an objection back; what they denied stays denied')
    .requiredOption('--verified-by <method>', `how they showed who they are: ${methods}`)
    .option('--level <level>', 'verified, strong', 'verified')
    .option('--verified-at <time>', 'when, such as 2026-01-31T12:00:00Z; now if left out')
    .action((id: string, { verifiedBy, level, verifiedAt, ...options }: TakeBackOptions) =>
      changed(options, 'takeBackObjection', 'TakeBackObjectionInput', {
        id,
        verification: { level: level.toUpperCase(), method: verifiedBy.toUpperCase() },
        ...(verifiedAt === undefined ? {} : { verifiedAt }),
      }),
    )
  handle('review', 'a person looked at a conclusion: it stands for a reason, or is overturned')
    .option('--uphold <reason>', Object.keys(upholdReasons).join(', '))
    .option('--overturn [value]', 'what is right, as JSON or else a text; without, the value goes')
    .action((id: string, { uphold, overturn, ...options }: ReviewOptions) =>
      changed(options, 'reviewTrait', 'ReviewTraitInput', { id, ...verdictOf(uphold, overturn) }),
    )
  handle('unpin', 'let agents write the trait again that a review overturned').action(
    (id: string, options: Options) =>
      changed(options, 'liftTraitPin', 'SubjectRequestIdInput', { id }),
  )
}

const briefOf = ({ id, kind, state, dueAt, verification, regulation, ...more }: RequestView) => ({
  request: id,
  kind,
  state,
  due: dueAt,
  warning: warningOf(more),
  about: more.purpose ?? more.trait ?? '',
  law: regulation,
  known: verification,
  refused: more.refusals.map(({ part, reason }) => `${part}:${reason}`),
})

/** Of what is still open. */
function warningOf({
  finishedAt,
  overdueAt,
  warnedAt,
}: Pick<RequestView, 'finishedAt' | 'overdueAt' | 'warnedAt'>): string {
  if (finishedAt !== null) return ''
  return overdueAt === null ? (warnedAt === null ? '' : 'due soon') : 'overdue'
}

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

function verdictOf(uphold: string | undefined, overturn: string | true | undefined): object {
  if ((uphold === undefined) === (overturn === undefined)) {
    throw fail('bad_input', { path: '--uphold', reason: 'give either --uphold or --overturn' })
  }
  if (uphold !== undefined) return { verdict: 'CONFIRMED', reason: uphold.toUpperCase() }
  return {
    verdict: 'OVERTURNED',
    ...(typeof overturn === 'string' ? { value: asTrait(`value=${overturn}`).value } : {}),
  }
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
