import { setTimeout as pause } from 'node:timers/promises'
import type { Slateboard } from '../../../core/open.ts'
import { source } from '../bench.ts'
import { numberIn, threshold, type Member } from './crew.ts'
import type { Changes } from './people.ts'
import { gapOf, seeded } from './random.ts'

const changesPerSecond = 200
const seconds = 8

/** One row of the change log. */
interface Logged {
  profile: string
  trait: string
  value: number
  author: string
  /** Commit of its transaction by the database's clock, in milliseconds since 1970. */
  at: number
}

interface Owed {
  n: number
  at: number
}

export interface Judged {
  /** Commit of a change to commit of the reaction to it, in milliseconds: one a change and agent. */
  times: number[]
  /** Changes whose reaction was no longer due, since the next one lifted what it rested on. */
  obviated: number
  /** Changes that nobody reacted to although it was due. */
  lost: number
  /** Conclusions that were committed while what they rested on did not stand. */
  unfounded: number
}

/**
 * Reads latencies out of the change log alone. A change owes one reaction to each agent that reads its trait and
 * whose condition holds after it. The agent's next conclusion with the change's number or a later one pays, also for
 * those that were gathered into one reaction; a change after which the condition does not hold cancels what is owed.
 * Per profile the log's order is that of commits, since all writers of a profile wait for each other.
 *
 * @param before values of traits at the beginning, by profile
 */
export function judge(
  log: readonly Logged[],
  crew: readonly Member[],
  before: ReadonlyMap<string, Record<string, number>>,
): Judged {
  const byName = new Map(crew.map((member) => [member.name, member]))
  const readers = new Map<string, Member[]>()
  for (const member of crew) {
    for (const key of member.reads) readers.set(key, [...(readers.get(key) ?? []), member])
  }
  const judged: Judged = { times: [], obviated: 0, lost: 0, unfounded: 0 }
  for (const [profile, rows] of Map.groupBy(log, (row) => row.profile)) {
    const traits = { ...before.get(profile) }
    const isDue = ({ reads: [first = ''] }: Member): boolean =>
      (traits[first] ?? Infinity) < threshold
    const owed = new Map<Member, Owed[]>()
    for (const { trait, value, author, at } of rows) {
      traits[trait] = value
      const n = numberIn(value)
      const writer = byName.get(author)
      if (writer) {
        const [paid, left] = parted(owed.get(writer) ?? [], (each) => each.n <= n)
        judged.times.push(...paid.map((each) => at - each.at))
        if (!isDue(writer)) judged.unfounded += 1
        owed.set(writer, left)
      }
      for (const reader of readers.get(trait) ?? []) {
        const standing = owed.get(reader) ?? []
        if (isDue(reader)) owed.set(reader, [...standing, { n, at }])
        else {
          judged.obviated += standing.length
          owed.delete(reader)
        }
      }
    }
    judged.lost += owed.values().reduce((sum, { length }) => sum + length, 0)
  }
  return judged
}

function parted<T>(all: readonly T[], test: (one: T) => boolean): [yes: T[], no: T[]] {
  return [all.filter((one) => test(one)), all.filter((one) => !test(one))]
}

export interface Paced extends Judged {
  /** Reactions that ended while changes came, those that wrote nothing included. */
  reactionsPerSecond: number
}

/** Lets changes come as a Poisson process, and judges what came of them. The flow has to be running. */
export async function pace(
  app: Slateboard,
  crew: readonly Member[],
  changes: Changes,
): Promise<Paced> {
  const { db, signals } = app.board
  await db.sql.unsafe(`
    drop table if exists standing_before;
    create table standing_before as select id, traits from profile`)
  const since = new Date()
  let reactions = 0
  const deafen = signals.onRan(({ items }) => {
    reactions += items
  })
  const random = seeded(crew.length)
  const started = performance.now()
  const pending: Promise<unknown>[] = []
  let due = 0
  for (;;) {
    due += gapOf(changesPerSecond, random)
    if (due > seconds * 1000) break
    const wait = started + due - performance.now()
    if (wait > 0) await pause(wait)
    pending.push(app.intake.submit(source, [changes.next()]))
  }
  await Promise.all(pending)
  const reactionsPerSecond = (reactions * 1000) / (performance.now() - started)
  await app.flow?.worker.idle()
  deafen()
  const log = await readLog(app, since)
  return { ...judge(log, crew, await standingBefore(app, log)), reactionsPerSecond }
}

/** The rows of the log since then, in the order of their commits. */
async function readLog({ board }: Slateboard, since: Date): Promise<Logged[]> {
  const rows = await board.db.sql<Logged[]>`
    select profile_id as profile, key as trait, (value #>> '{}')::float8 as value, author_id as author,
      (extract(epoch from pg_xact_commit_timestamp(xmin)) * 1000)::float8 as at
    from change where kind = 'trait' and at >= ${since}
    order by pg_xact_commit_timestamp(xmin), id`
  return [...rows]
}

async function standingBefore(
  { board }: Slateboard,
  log: readonly Logged[],
): Promise<Map<string, Record<string, number>>> {
  const profiles = [...new Set(log.map(({ profile }) => profile))]
  const rows = await board.db.sql<{ id: string; traits: Record<string, number> }[]>`
    select id, traits from standing_before where id = any(${profiles})`
  return new Map(rows.map(({ id, traits }) => [id, traits]))
}
