import { expect, test } from 'vitest'
import { claimReactions, type Seat } from '../../blackboard/query/claimReactions.ts'
import { openTestDatabase, type TestDatabase } from '../support/database.ts'

const now = '2026-01-01T00:10:00.000Z'

interface Row {
  agent: string
  workspace?: number
  priority?: number
  deadline?: string
  rating?: number
  /** Seconds that it has waited. */
  waited?: number
  parked?: string
}

/** Puts reactions on the agenda, of a profile each: `p0`, `p1` and so on in their order. */
async function put({ sql }: TestDatabase, rows: readonly Row[]): Promise<void> {
  for (const [nth, row] of rows.entries()) {
    const {
      agent,
      workspace = 1,
      priority = 50,
      deadline = 'infinity',
      rating = 0,
      waited = 0,
    } = row
    const rank = row.parked === undefined ? -priority : null
    await sql`
      insert into agenda (workspace_id, profile_id, agent, priority, rank, parked, causes, hop, deadline, rating,
        enqueued_at, position)
      values (${workspace}, ${`p${nth}`}, ${agent}, ${priority}, ${rank}, ${row.parked ?? null}, '{m:1}', 0,
        ${deadline}::text::timestamptz, ${rating}, ${now}::text::timestamptz - ${waited} * interval '1 second',
        ${nth + 1})`
  }
}

const head = { rank: -32_768, deadline: '-infinity', rating: 1, position: 0 }
const seat = (agent: string, more: Partial<Seat> = {}): Seat => ({
  workspaceId: 1,
  agent,
  servedAt: 0,
  workspaceServedAt: 0,
  weight: 0,
  room: 1000,
  ...head,
  ...more,
})

/** Who was claimed, one after the other with a place for one reaction each time. */
async function order(
  { sql }: TestDatabase,
  seats: readonly Seat[],
  claims: number,
): Promise<string[]> {
  const bounds = { places: 1, items: 1, ageingMs: 1000, now, owner: 'w' }
  const claimed: string[] = []
  for (let n = 0; n < claims; n += 1) {
    for (const row of await claimReactions(sql, { seats, ...bounds })) {
      claimed.push(`${row.agent} ${row.profileId}`)
    }
  }
  return claimed
}

test('the higher priority first, inside it the earlier deadline, then the higher rating, then the older', async () => {
  await using db = await openTestDatabase()
  await put(db, [
    { agent: 'a/x' },
    { agent: 'a/x', rating: 0.9 },
    { agent: 'a/x', rating: 0.9 },
    { agent: 'a/x', deadline: '2026-01-02T00:00:00Z' },
    { agent: 'a/x', deadline: '2026-01-01T12:00:00.123Z' },
    { agent: 'a/x', priority: 60 },
    { agent: 'a/x', priority: 90, parked: 'loop' },
  ])
  const claimed = await order(db, [seat('a/x')], 8)
  expect(claimed).toEqual(['5', '4', '3', '1', '2', '0'].map((nth) => `a/x p${nth}`))
})

test('between agents by priority and deadline; of equals whose workspace, then who, was served longest ago', async () => {
  await using db = await openTestDatabase()
  await put(db, [
    { agent: 'a/low', priority: 10 },
    { agent: 'a/just' },
    { agent: 'a/long' },
    { agent: 'b/other', workspace: 2 },
    { agent: 'a/due', deadline: '2026-01-02T00:00:00Z' },
    { agent: 'a/high', priority: 80 },
  ])
  const moment = Date.parse(now)
  const seats = [
    seat('a/low', { servedAt: moment }),
    seat('a/just', { servedAt: moment - 2, workspaceServedAt: moment }),
    seat('a/long', { servedAt: moment - 3, workspaceServedAt: moment }),
    seat('b/other', { workspaceId: 2, servedAt: moment - 1, workspaceServedAt: moment - 1 }),
    seat('a/due', { servedAt: moment }),
    seat('a/high', { servedAt: moment }),
  ]
  const claimed = await order(db, seats, 7)
  expect(claimed).toEqual([
    'a/high p5',
    'a/due p4',
    'b/other p3',
    'a/long p2',
    'a/just p1',
    'a/low p0',
  ])
})

test('who waits a second is a point more urgent, so that nobody starves; being served ends the wait', async () => {
  await using db = await openTestDatabase()
  await put(db, [
    { agent: 'a/low', priority: 10, waited: 41 },
    { agent: 'a/low', priority: 10, waited: 41 },
    { agent: 'a/high', priority: 50 },
  ])
  const high = seat('a/high')
  expect(await order(db, [seat('a/low'), high], 1)).toEqual(['a/low p0'])
  const served = seat('a/low', { servedAt: Date.parse(now) })
  expect(await order(db, [served, high], 2)).toEqual(['a/high p2', 'a/low p1'])
})

test('a weight counts as so many points of priority between agents, and not among the reactions of one', async () => {
  await using db = await openTestDatabase()
  await put(db, [{ agent: 'a/x', priority: 50 }, { agent: 'a/y', priority: 40 }, { agent: 'a/y' }])
  const y = (weight: number) => [seat('a/x'), seat('a/y', { weight })]
  expect(await order(db, y(1), 1)).toEqual(['a/y p2'])
  expect(await order(db, y(9), 1)).toEqual(['a/x p0'])
  await put(db, [{ agent: 'a/z', priority: 30 }])
  expect(await order(db, [...y(-11), seat('a/z')], 2)).toEqual(['a/z p0', 'a/y p1'])
})

test('an agent that is not asked for costs nothing, and nobody is claimed for twice', async () => {
  await using db = await openTestDatabase()
  await put(db, [{ agent: 'a/paused', priority: 100 }, { agent: 'a/x' }])
  expect(await order(db, [seat('a/x')], 3)).toEqual(['a/x p1'])
  const [{ lease_owner: owner } = {}] = await db.sql`
    select lease_owner from agenda where agent = 'a/paused'`
  expect(owner).toBeNull()
})

test('takes turns: of three with a backlog each has its share of every claim', async () => {
  await using db = await openTestDatabase()
  const rows = ['a/x', 'a/y', 'a/z'].flatMap((agent) =>
    Array.from({ length: 20 }, () => ({ agent })),
  )
  await put(db, rows)
  const bounds = { places: 3, items: 12, ageingMs: 1000, now, owner: 'w' }
  const seats = ['a/x', 'a/y', 'a/z'].map((agent) => seat(agent))
  const claimed = await claimReactions(db.sql, { seats, ...bounds })
  const shares = Map.groupBy(claimed, ({ agent }) => agent)
  expect([...shares.values()].map(({ length }) => length)).toEqual([4, 4, 4])
  // One alone has the shares of all.
  const alone = await claimReactions(db.sql, { seats: [seat('a/x')], ...bounds })
  expect(alone).toHaveLength(12)
})

test('goes on beyond its floor', async () => {
  await using db = await openTestDatabase()
  await put(db, [{ agent: 'a/x', rating: 0.1 }, { agent: 'a/x', rating: 0.3 }, { agent: 'a/x' }])
  const beyond = { rank: -50, deadline: 'infinity', rating: 0.3, position: 2 }
  expect(await order(db, [seat('a/x', beyond)], 3)).toEqual(['a/x p0', 'a/x p2'])
  expect(await order(db, [seat('a/x')], 1)).toEqual(['a/x p1'])
})
