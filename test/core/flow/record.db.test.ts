import { hash } from 'node:crypto'
import { expect, test } from 'vitest'
import { appendAudit } from '../../../blackboard/query/appendAudit.ts'
import { canonical, genesis } from '../../../core/audit/chain.ts'
import { chainAudit, verifyAudit } from '../../../core/flow/record.ts'
import { openTestApp, type TestApp } from '../../support/app.ts'

async function write(app: TestApp, count: number): Promise<void> {
  const { board, sql, workspaceId } = app
  const entries = Array.from({ length: count }, (_, n) => ({
    workspaceId,
    id: board.clock.id(),
    at: board.clock.now(),
    actor: 'system',
    action: 'test',
    object: `thing:${n}`,
    payload: {
      n,
      b: 1,
      a: [null, 'ü'],
    },
  }))
  await appendAudit(sql, { workspaceId, entries: JSON.stringify(entries) })
}

async function openChain(count = 12): Promise<TestApp> {
  const app = await openTestApp({ works: false })
  await write(app, count)
  await chainAudit(app.board)
  return app
}

/** As somebody who owns the database can. */
async function attack({ sql }: TestApp, statement: string): Promise<void> {
  await sql.unsafe(`
    alter table audit_entry disable trigger user;
    ${statement};
    alter table audit_entry enable trigger user`)
}

const verify = (app: TestApp, known?: { entries: number; head: string }) =>
  verifyAudit(app.board, app.workspaceId, known, 5)

test('verifies a chain over several pages', async () => {
  await using app = await openChain()
  expect(await verify(app)).toMatchObject({ ok: true, entries: 12 })
  await write(app, 3)
  expect(await verify(app)).toMatchObject({ ok: true, entries: 12 })
  expect(await chainAudit(app.board)).toBe(3)
  expect(await chainAudit(app.board)).toBe(0)
  expect(await verify(app)).toMatchObject({ ok: true, entries: 15 })
  expect(await app.sql`select * from audit_inbox`).toEqual([])
})

test('verifies an empty chain', async () => {
  await using app = await openTestApp({ works: false })
  expect(await verify(app)).toEqual({ ok: true, entries: 0, head: genesis })
})

test.each([
  ['a payload', `update audit_entry set payload = '{}' where seq = 7`, 7],
  ['an actor', `update audit_entry set actor = 'principal:eve' where seq = 7`, 7],
  ['an action', `update audit_entry set action = 'other' where seq = 7`, 7],
  ['an object', `update audit_entry set object = 'thing:0' where seq = 7`, 7],
  ['a time', `update audit_entry set at = at + interval '1 second' where seq = 7`, 7],
  ['an id', `update audit_entry set id = 'X' where seq = 7`, 7],
  ['a hash', `update audit_entry set hash = payload_hash where seq = 7`, 7],
  ['a link', `update audit_entry set previous_hash = hash where seq = 7`, 7],
  ['the first entry', 'delete from audit_entry where seq = 1', 2],
  ['an entry taken out', 'delete from audit_entry where seq = 7', 8],
  [
    'an entry taken out and the gap closed',
    `delete from audit_entry where seq = 7;
     update audit_entry set seq = -seq where seq > 7;
     update audit_entry set seq = -seq - 1 where seq < 0`,
    7,
  ],
  [
    'two entries that changed places',
    `update audit_entry set seq = 100 where seq = 7;
     update audit_entry set seq = 7 where seq = 8;
     update audit_entry set seq = 8 where seq = 100`,
    7,
  ],
  [
    'an entry put in',
    `insert into audit_entry select workspace_id, 13, 'X', at, actor, action, object, payload,
       payload_hash, previous_hash, hash from audit_entry where seq = 12`,
    13,
  ],
])('finds %s changed', async (_, statement, seq) => {
  await using app = await openChain()
  await attack(app, statement)
  expect(await verify(app)).toMatchObject({ ok: false, seq, problem: expect.any(String) })
})

test('finds a payload that was changed together with its hash', async () => {
  await using app = await openChain()
  const payload = canonical({ n: 99 })
  const payloadHash = hash('sha256', payload, 'hex')
  const set = `payload = '${payload}', payload_hash = '${payloadHash}'`
  await attack(app, `update audit_entry set ${set} where seq = 7`)
  expect(await verify(app)).toMatchObject({ ok: false, seq: 7, problem: 'it was changed' })
})

test('finds an end cut off, given a head that was noted before', async () => {
  await using app = await openChain()
  const noted = await verify(app)
  if (!noted.ok) throw new TypeError('the chain should verify')
  expect(await verify(app, noted)).toMatchObject({ ok: true })
  await attack(app, 'delete from audit_entry where seq > 9')
  expect(await verify(app)).toMatchObject({ ok: true, entries: 9 })
  expect(await verify(app, noted)).toMatchObject({ ok: false, seq: 10 })
  await write(app, 5)
  await chainAudit(app.board)
  expect(await verify(app)).toMatchObject({ ok: true, entries: 14 })
  expect(await verify(app, noted)).toMatchObject({ ok: false, seq: 12 })
})

test.each([
  `update audit_entry set actor = 'x'`,
  'delete from audit_entry where seq = 3',
  'truncate audit_entry',
  'delete from consent_event',
  `update consent_event set decision = 'granted'`,
  'truncate consent_event',
])('refuses to %s', async (statement) => {
  await using app = await openChain(3)
  const { workspaceId } = app
  await app.sql`
    insert into consent_event (workspace_id, profile_id, id, purpose, channel, decision, basis, actor,
      collected_at, received_at)
    values (${workspaceId}, 'p', 'c', 'marketing', '*', 'withdrawn', 'consent', 'system', now(), now())`
  await expect(app.sql.unsafe(statement)).rejects.toMatchObject({ code: '23001' })
  expect(await verify(app)).toMatchObject({ ok: true, entries: 3 })
})

test('never forks the chain, however many chain at once', async () => {
  await using app = await openTestApp({ works: false })
  await Promise.all(
    Array.from({ length: 60 }, async (_, n) => {
      await write(app, 1 + (n % 3))
      await chainAudit(app.board)
    }),
  )
  while ((await chainAudit(app.board)) > 0);
  expect(await verify(app)).toMatchObject({ ok: true, entries: 120 })
  const [row] = await app.sql<{ links: number }[]>`
    select count(distinct previous_hash) as links from audit_entry`
  expect(row?.links).toBe(120)
})

test('keeps to RFC 8785 for what the hashes are made of', () => {
  expect(canonical({ b: 1, a: [true, null, 'ü\n'], '10': 1e21, '9': -0 })).toBe(
    '{"10":1e+21,"9":0,"a":[true,null,"ü\\n"],"b":1}',
  )
})
