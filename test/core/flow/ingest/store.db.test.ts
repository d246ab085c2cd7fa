import { randomBytes } from 'node:crypto'
import { pino } from 'pino'
import { describe, expect, test } from 'vitest'
import type { IncomingEvent } from '../../../../core/model/event.ts'
import { openSlateboard, type Slateboard } from '../../../../core/open.ts'
import { alias, identify, openTestApp, track, type TestApp } from '../../../support/app.ts'

const still = { works: false } as const
const count = async (app: TestApp, table: string): Promise<number> => {
  const [row] = await app.sql<{ n: number }[]>`select count(*)::int as n from ${app.sql(table)}`
  return row?.n ?? 0
}
const statuses = (results: { status: string }[]): string[] => results.map(({ status }) => status)

describe('dedup', () => {
  test('takes a message once, within a batch, across requests and across concurrent ones', async () => {
    await using app = await openTestApp(still)
    const event = track('ada', 'Order')
    expect(statuses(await app.send(event, event))).toEqual(['accepted', 'duplicate'])
    expect(statuses(await app.send(event))).toEqual(['duplicate'])
    const other = track('ada', 'Order')
    const answers = await Promise.all(Array.from({ length: 20 }, () => app.send(other)))
    expect(statuses(answers.flat()).toSorted()).toEqual([
      'accepted',
      ...Array(19).fill('duplicate'),
    ])
    expect(await count(app, 'event')).toBe(2)
  })

  test('does not take two messages for one (refused)', async () => {
    await using app = await openTestApp(still)
    await app.send(track('ada', 'Order'), track('ada', 'Order'))
    expect(await count(app, 'event')).toBe(2)
  })
})

describe('a merge', () => {
  test('leaves events and identifiers with the profile they came to, and makes the oldest stand for all', async () => {
    await using app = await openTestApp(still)
    await app.send(track('ada', 'Order'))
    await app.send(track('ada2', 'Order'))
    const before = await app.sql`select id, profile_id from event order by id`
    await app.send(alias('ada2', 'ada'))
    const after = await app.sql`select id, profile_id from event where type = 'track' order by id`
    expect(after).toEqual(before)
    expect(await app.profileOf('ada2')).toBe(before[0]?.['profile_id'])
    expect(await count(app, 'profile')).toBe(2)
    expect(await app.sql`select key from change where kind = 'merge'`).toMatchObject([
      { key: before[1]?.['profile_id'] },
    ])
  })

  test('hands every pending cause over, and keeps a parked loop parked', async () => {
    await using app = await openTestApp(still)
    await app.install('count')
    for (const user of ['a', 'b', 'c']) await app.send(track(user, 'Order'), track(user, 'Order'))
    const c = await app.profileOf('c')
    await app.sql`update agenda set parked = 'loop', rank = null where profile_id = ${c}`
    await app.send(alias('a', 'b'))
    const a = await app.profileOf('a')
    const pending = () => app.sql<{ profile_id: string; parked: string | null; n: number }[]>`
      select profile_id, parked, cardinality(causes) as n from agenda order by profile_id`
    expect(await pending()).toMatchObject([
      { profile_id: a, parked: null, n: 4 },
      { profile_id: c, parked: 'loop', n: 2 },
    ])
    await app.send(alias('a', 'c'))
    expect(await pending()).toMatchObject([{ profile_id: a, parked: 'loop', n: 6 }])
  })

  test('unites traits: the latest word of either side stands', async () => {
    await using app = await openTestApp(still)
    const at = (minute: number) => ({ timestamp: new Date(Date.UTC(2026, 0, 1, 0, minute)) })
    await app.send(identify('a', { plan: 'free', city: 'Bonn' }, at(1)))
    await app.send(identify('b', { plan: 'pro' }, at(2)))
    await app.send(alias('a', 'b'))
    const [row] = await app.sql`select traits from profile where id = ${await app.profileOf('b')}`
    expect(row?.['traits']).toEqual({ plan: 'pro', city: 'Bonn' })
  })

  test('in a circle of concurrent requests ends in one profile', async () => {
    await using app = await openTestApp(still)
    const users = Array.from({ length: 12 }, (_, n) => `u${n}`)
    await app.send(...users.map((user) => track(user, 'Order')))
    await Promise.all(users.map((user, n) => app.send(alias(user, users[(n + 5) % 12] ?? ''))))
    const canonical = await app.sql`select distinct canonical_id from profile`
    expect(canonical).toHaveLength(1)
  })
})

async function beside(app: TestApp, masterKey: Buffer): Promise<Slateboard & { url: string }> {
  const url = app.db.url ?? ''
  const log = pino({ level: 'silent' })
  const email = { smtpUrl: null, from: 'shop@slateboard.test' }
  const node = await openSlateboard({
    databaseUrl: url,
    masterKey,
    log,
    works: false,
    channels: { webhook: { allowPrivate: true }, email },
  })
  return { ...node, url }
}

test.skipIf(process.env['SLATEBOARD_TEST_ENGINE'] !== 'server')(
  // The embedded engine belongs to one process with one connection.
  'two nodes that merge the same people at once, both ways, agree on one profile each',
  async () => {
    await using app = await openTestApp(still)
    const masterKey = randomBytes(32)
    await using one = await beside(app, masterKey)
    await using two = await beside(app, masterKey)
    const pairs = Array.from({ length: 30 }, (_, n) => [`a${n}`, `b${n}`] as const)
    const submit = (node: Slateboard, event: IncomingEvent) =>
      node.intake.submit({ id: 's', workspaceId: node.workspaceId }, [event])
    await Promise.all(
      pairs.map(([a, b]) => Promise.all([submit(one, track(a, 'X')), submit(two, track(b, 'X'))])),
    )
    await Promise.all(
      pairs.flatMap(([a, b]) => [
        submit(one, alias(a, b)),
        submit(two, alias(b, a)),
        submit(one, identify(b, { email: `${a}@example.com` })),
        submit(two, identify(a, { email: `${a}@example.com` })),
      ]),
    )
    for (const [a, b] of pairs) expect(await app.profileOf(a)).toBe(await app.profileOf(b))
    const people = await app.sql`select distinct canonical_id from profile`
    expect(people).toHaveLength(30)
    const dangling = await app.sql`
      select 1 from profile p join profile c on c.id = p.canonical_id where c.canonical_id <> c.id`
    expect(dangling).toHaveLength(0)
    expect(await count(app, 'event')).toBe(30 * 6)
  },
)

test('no address is stored in the clear, wherever it came in', async () => {
  await using app = await openTestApp(still)
  await app.install('count')
  const mail = 'jane.roe@example.com'
  await app.send(
    identify('u1', { email: mail, note: `ask ${mail}`, list: [{ deep: mail }] }),
    track('u1', 'Order', { receiver: mail, page: { url: `https://shop.example/?m=${mail}` } }),
    track('u1', `Invited ${mail}`, {}, { messageId: `invite-${mail}` }),
    identify(
      mail,
      { plan: 'pro' },
      { context: { page: { search: mail }, traits: { email: mail } } },
    ),
    identify('u2', { email: mail.toUpperCase() }),
    identify('u1', { email: 'new@example.com' }),
    alias('u1', mail),
  )
  const columns = await app.sql<{ table: string; column: string }[]>`
    select c.table_name as table, c.column_name as column from information_schema.columns c
    join information_schema.tables t using (table_schema, table_name)
    where c.table_schema = 'public' and t.table_type = 'BASE TABLE'`
  expect(columns.length).toBeGreaterThan(100)
  for (const { table, column } of columns) {
    const found = await app.sql`
      select 1 from ${app.sql(table)} where ${app.sql(column)}::text ilike '%example.com%'
        or ${app.sql(column)}::text ilike ${`%${Buffer.from('jane.roe').toString('hex')}%`}`
    expect(found.length, `${table}.${column}`).toBe(0)
  }
  expect(await count(app, 'vault')).toBeGreaterThan(3)
})

test('the same address is the same person, however it is written', async () => {
  await using app = await openTestApp(still)
  await app.send(identify('u1', { email: ' Jane@Example.com ' }))
  await app.send(identify('u2', { email: 'jane@example.com' }))
  await app.send(identify('u3', { email: 'june@example.com' }))
  expect(await app.profileOf('u1')).toBe(await app.profileOf('u2'))
  expect(await app.profileOf('u3')).not.toBe(await app.profileOf('u1'))
})

describe('an event that the database refuses', () => {
  const bad = (): IncomingEvent => track('bad', 'Order', { text: '\u0000' })

  test('is rejected with a code, and the rest of its batch and of other requests goes in', async () => {
    await using app = await openTestApp(still)
    const requests = Array.from({ length: 8 }, (_, n) => [
      track(`u${n}`, 'A'),
      track(`u${n}`, 'B'),
      track(`u${n}`, 'C'),
    ])
    requests[3]?.splice(1, 1, bad())
    const answers = await Promise.all(requests.map((request) => app.send(...request)))
    expect(statuses(answers[3] ?? [])).toEqual(['accepted', 'rejected', 'accepted'])
    expect(answers[3]?.[1]).toMatchObject({ code: 'item_unstorable', remedy: expect.any(String) })
    expect(answers.flat().filter(({ status }) => status === 'accepted')).toHaveLength(23)
    expect(await count(app, 'event')).toBe(23)
    expect(await app.sql`select 1 from identifier where value = 'bad'`).toHaveLength(0)
  })

  test('may be sent again once it is mended', async () => {
    await using app = await openTestApp(still)
    const event = bad()
    expect(statuses(await app.send(event))).toEqual(['rejected'])
    expect(statuses(await app.send({ ...event, properties: {} }))).toEqual(['accepted'])
  })

  test('is one whose trait has a name longer than an index takes, and nobody else suffers', async () => {
    await using app = await openTestApp(still)
    const key = randomBytes(4000).toString('hex')
    const [first, second] = await Promise.all([
      app.send(identify('u1', { [key]: 'jane@example.com' })),
      app.send(identify('u2', { plan: 'pro' })),
    ])
    expect(statuses(first)).toEqual(['rejected'])
    expect(statuses(second)).toEqual(['accepted'])
  })
})

test('more than can wait is turned away with overloaded, and what waits is stored', async () => {
  await using app = await openTestApp(still)
  const chunk = (n: number) =>
    Array.from({ length: 2500 }, (_, each) => track(`u${each % 50}`, `E${n}`))
  const answers = await Promise.allSettled(
    Array.from({ length: 12 }, (_, n) => app.send(...chunk(n))),
  )
  const refused = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []))
  expect(refused.length).toBeGreaterThan(0)
  for (const error of refused) expect(error).toMatchObject({ code: 'overloaded', status: 429 })
  expect(await count(app, 'event')).toBe((12 - refused.length) * 2500)
})

test('a full disk is told as database_full, and nothing is half written', async () => {
  await using app = await openTestApp(still)
  await app.sql.unsafe(`
    create function refuse_disk() returns trigger language plpgsql as
      $$ begin raise exception 'disk full' using errcode = '53100'; end $$;
    create trigger no_room before insert on change for each row execute function refuse_disk()`)
  const event = identify('ada', { plan: 'pro' })
  await expect(app.send(event, track('bob', 'X'))).rejects.toMatchObject({
    code: 'database_full',
    status: 503,
  })
  for (const table of [
    'event',
    'profile',
    'identifier',
    'message',
    'change',
    'agenda',
    'vault',
    'profile_key',
  ]) {
    expect(await count(app, table), table).toBe(0)
  }
  await app.sql.unsafe('drop trigger no_room on change')
  expect(statuses(await app.send(event))).toEqual(['accepted'])
})
