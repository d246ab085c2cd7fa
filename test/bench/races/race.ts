import { setTimeout as wait } from 'node:timers/promises'
import { createDispatcher, type Dispatcher } from '../../../core/flow/dispatch/dispatcher.ts'
import { createProposals, type Propose } from '../../../core/flow/propose.ts'
import { SlateboardError } from '../../../core/errors.ts'
import { proposalSchema } from '../../../core/model/activation.ts'
import { identify } from '../../support/app.ts'
import { acts, purpose, putPolicy, say, type RaceKind } from './acts.ts'
import type { Arena, Person, RaceResult } from './arena.ts'

/** Persons who race at the same time; a policy edit races all of them. */
const heat = 25

/**
 * Runs `count` races of one kind: for each person a proposal goes through gate and dispatch while, after a
 * moment that is another each time, what forbids it is done. The dispatchers of all nodes work all the time.
 */
export async function runRaces(arena: Arena, kind: RaceKind, count: number): Promise<RaceResult> {
  const { sql } = arena
  await sql`delete from leak`
  await putPolicy(arena, 'permits')
  const people = await gatherPeople(arena, kind, count)
  const stop = new AbortController()
  const working = arena.dispatchers.map(async (deps) => {
    const dispatcher = createDispatcher(deps)
    while (!stop.signal.aborted) if ((await runOnce(dispatcher)) === 0) await wait(1)
    while ((await runOnce(dispatcher)) > 0);
    await dispatcher.settled()
  })
  const pace = { ms: 40 }
  for (let at = 0; at < count; at += heat) {
    await runHeat(arena, kind, people.slice(at, at + heat), pace)
  }
  stop.abort()
  await Promise.all(working)
  return judge(arena, people)
}

/** As the flow does: a policy that changes faster than it can be read is a failure that is tried again. */
async function runOnce(dispatcher: Dispatcher): Promise<number> {
  try {
    return await dispatcher.run()
  } catch (thrown) {
    if (thrown instanceof SlateboardError && thrown.code === 'write_conflict') return 1
    throw thrown
  }
}

async function gatherPeople(arena: Arena, kind: RaceKind, count: number): Promise<Person[]> {
  const { app } = arena
  const users = Array.from({ length: count }, (_, n) => `${kind}-${arena.versions.last}-${n}`)
  for (let at = 0; at < count; at += 500) {
    const some = users.slice(at, at + 500)
    await app.intake.submit(
      { id: 'race', workspaceId: app.workspaceId },
      some.map((user) => identify(user)),
    )
  }
  const people: Person[] = []
  for (let at = 0; at < count; at += heat) {
    const granted = await Promise.all(
      users.slice(at, at + heat).map((user) => say(arena, user, 'granted')),
    )
    for (const { profileId } of granted) {
      const nth = people.length
      people.push({ nth, user: users[nth] ?? '', profileId })
    }
  }
  return people
}

async function runHeat(
  arena: Arena,
  kind: RaceKind,
  people: readonly Person[],
  pace: { ms: number },
): Promise<void> {
  if (kind === 'policyEdit') await putPolicy(arena, 'permits')
  const proposals: Propose[] = arena.dispatchers.map(createProposals)
  const act = acts[kind]
  // One edit meets all of a heat.
  const editor = Math.floor(Math.random() * people.length)
  await Promise.all(
    people.map(async (person, n) => {
      const propose = proposals[n % proposals.length]
      const proposing = propose?.(
        arena.app.workspaceId,
        arena.principalId,
        subjectOf(person),
        proposalTo(arena),
      )
      if (kind !== 'policyEdit') {
        // Most meet the dispatch, some already the gate.
        if (Math.random() < 0.8) await proposing
        await wait(Math.random() * pace.ms)
        await act(arena, person)
      } else if (n === editor) {
        // Every other edit comes when some of the heat have begun: one edit decides for all that have not.
        if (person.nth % (2 * heat) >= heat) await begun(arena, people)
        await act(arena, person)
      }
      await proposing
    }),
  )
  await adapt(arena, people, pace)
}

async function begun({ sql }: Arena, people: readonly Person[]): Promise<void> {
  const ids = people.map(({ profileId }) => profileId)
  for (;;) {
    const [some] = await sql`
      select 1 from activation where profile_id = any(${ids}::text[]) and attempts > 0 limit 1`
    if (some) return
  }
}

/** Half should be sent before it is forbidden: a race that one side always wins shows nothing. */
async function adapt(
  { sql }: Arena,
  people: readonly Person[],
  pace: { ms: number },
): Promise<void> {
  const ids = people.map(({ profileId }) => profileId)
  const [row] = await sql<{ begun: number }[]>`
    select count(*) filter (where attempts > 0)::int as begun from activation
    where profile_id = any(${ids}::text[])`
  const share = (row?.begun ?? 0) / people.length
  pace.ms = Math.min(2000, Math.max(1, pace.ms * (share > 0.5 ? 0.7 : 1.5)))
}

const subjectOf = ({ user }: Person) => ({ namespace: 'user_id', value: user })

const proposalTo = ({ url }: Arena) =>
  proposalSchema.parse({ purpose, channel: 'webhook', destination: `${url}/race` })

async function judge(arena: Arena, people: readonly Person[]): Promise<RaceResult> {
  const { sql, arrived } = arena
  const ids = people.map(({ profileId }) => profileId)
  const rows = await sql<{ id: string; state: string; began: boolean }[]>`
    select id, state, attempts > 0 as began from activation where profile_id = any(${ids}::text[])`
  const leaks = new Set(
    (await sql<{ id: string }[]>`select activation_id as id from leak`).map(({ id }) => id),
  )
  const here = await arrived()
  const began = new Set(rows.flatMap(({ id, began }) => (began ? [id] : [])))
  // What came without having begun would be a leak that the trigger cannot see.
  const strays = here.filter((id) => !began.has(id))
  const count = (state: string): number => rows.filter((row) => row.state === state).length
  return {
    races: rows.length,
    leaks: leaks.size + strays.length,
    leaked: here.filter((id) => leaks.has(id)).length + strays.length,
    sent: count('sent'),
    recalled: count('recalled'),
    refused: count('refused'),
    held: count('held'),
  }
}
