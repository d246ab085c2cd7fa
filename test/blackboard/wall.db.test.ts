import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { connect } from '../../blackboard/connect.ts'
import { ensureWorkspace } from '../../blackboard/query/ensureWorkspace.ts'
import { inspectWall } from '../../blackboard/query/inspectWall.ts'
import { insertSource } from '../../blackboard/query/insertSource.ts'
import { listSources } from '../../blackboard/query/listSources.ts'
import { run } from '../../blackboard/statement.ts'
import { openWalled, testWall } from '../../blackboard/wall.ts'
import { sql } from 'drizzle-orm'
import { openTestDatabase, type TestDatabase } from '../support/database.ts'
import { quiet } from '../support/quiet.ts'

const isServer = process.env['SLATEBOARD_TEST_ENGINE'] === 'server'

/** Two workspaces with one source each. */
async function openTwo() {
  const db = await openTestDatabase()
  const [mine] = await ensureWorkspace(db.sql, { name: 'mine' })
  const [theirs] = await ensureWorkspace(db.sql, { name: 'theirs' })
  if (!mine || !theirs) throw new TypeError('the workspaces were not made')
  for (const { id } of [mine, theirs]) {
    await insertSource(db.sql, {
      workspaceId: id,
      id: `source-${id}`,
      name: 'shop',
      writeKeyHash: `hash-${id}`,
      at: '2026-01-01T00:00:00Z',
    })
  }
  return { db, mine: mine.id, theirs: theirs.id }
}

const everySource = sql`select workspace_id as workspace from source`

test('a statement about one workspace sees its rows alone, even where it forgets to ask for them', async () => {
  const { db, mine, theirs } = await openTwo()
  await using _ = db
  expect(await run(db.sql, mine, everySource)).toEqual([{ workspace: mine }])
  expect(await run(db.sql, theirs, everySource)).toEqual([{ workspace: theirs }])
  expect(await db.sql.begin((tx) => run(tx, theirs, everySource))).toEqual([{ workspace: theirs }])
})

test('a transaction may go from one workspace to the next, and leaves no trace on its connection', async () => {
  const { db, mine, theirs } = await openTwo()
  await using _ = db
  const seen = await db.sql.begin(async (tx) => [
    await run(tx, mine, everySource),
    await run(tx, theirs, everySource),
  ])
  expect(seen).toEqual([[{ workspace: mine }], [{ workspace: theirs }]])
  const left = await db.sql`
    select distinct coalesce(current_setting('slateboard.workspace', true), '') as workspace,
      current_user = session_user as is_itself from generate_series(1, 20)`
  expect(left).toEqual([{ workspace: '', is_itself: true }])
})

test('rows of another workspace can be neither written nor changed nor deleted', async () => {
  const { db, mine, theirs } = await openTwo()
  await using _ = db
  const intrude = sql`insert into source (workspace_id, id, name, write_key_hash, created_at)
    values (${theirs}::int, 'x', 'x', 'x', now())`
  await expect(run(db.sql, mine, intrude)).rejects.toMatchObject({ code: '42501' })
  const rename = sql`update source set name = 'x' where workspace_id = ${theirs}::int returning 1`
  expect(await run(db.sql, mine, rename)).toEqual([])
  const move = sql`update source set workspace_id = ${theirs}::int where id = ${`source-${mine}`}`
  await expect(run(db.sql, mine, move)).rejects.toMatchObject({ code: '42501' })
  const remove = sql`delete from source where workspace_id = ${theirs}::int returning 1`
  expect(await run(db.sql, mine, remove)).toEqual([])
  expect(await listSources(db.sql, { workspaceId: theirs })).toMatchObject([{ name: 'shop' }])
})

test('what is written once can be added to, and not rewritten', async () => {
  await using db = await openTestDatabase()
  for (const table of [
    'consent_event',
    'audit_entry',
    'policy_approval',
    'trait_definition_version',
  ]) {
    await run(db.sql, 1, sql`select from ${sql.identifier(table)}`)
    const rewrite = run(db.sql, 1, sql`delete from ${sql.identifier(table)}`)
    await expect(rewrite).rejects.toMatchObject({ code: '42501' })
  }
})

test.each([Number.NaN, 1.5, Number.POSITIVE_INFINITY])(
  'a workspace called %s is refused rather than taken for all',
  async (workspaceId) => {
    await using db = await openTestDatabase()
    await expect(listSources(db.sql, { workspaceId })).rejects.toMatchObject({ code: 'internal' })
  },
)

test('a statement that fails leaves the pool as it was', async () => {
  const { db, mine } = await openTwo()
  await using _ = db
  const failing = Array.from({ length: 30 }, () => run(db.sql, mine, sql`select 1 / 0`))
  const results = await Promise.allSettled(failing)
  expect(new Set(results.map(({ status }) => status))).toEqual(new Set(['rejected']))
  expect(await run(db.sql, mine, everySource)).toEqual([{ workspace: mine }])
})

describe('the test at the start', () => {
  test('passes on a migrated database, in which every table with a workspace is walled', async () => {
    const { db } = await openTwo()
    await using _ = db
    const [wall] = await inspectWall(db.sql, {})
    expect(wall).toEqual({
      role: 'slateboard_app',
      isSuperuser: false,
      bypasses: false,
      owned: [],
      open: [],
      seen: 0,
    })
    await testWall(db)
  })

  const breaches: [string, string, string][] = [
    ['a wall taken down', 'alter table profile disable row level security', 'profile'],
    ['an owner let through', 'alter table vault no force row level security', 'vault'],
    ['another rule that lets more through', 'create policy more on event using (true)', 'event'],
    ['a rule replaced', 'alter policy workspace on source using (true)', 'source'],
    ['a new table without a wall', 'create table extra (workspace_id integer)', 'extra'],
    ['a table given to the role', 'alter table purpose owner to slateboard_app', 'owns purpose'],
    [
      'a function that names a workspace by itself',
      'create or replace function slateboard_everywhere() returns boolean language sql stable return true',
      'rows are seen',
    ],
  ]
  test.each(breaches)('refuses %s', async (...[, breach, reason]) => {
    const { db } = await openTwo()
    await using _ = db
    await db.sql.unsafe(breach)
    await expect(testWall(db)).rejects.toMatchObject({
      code: 'row_security_void',
      message: expect.stringContaining(reason),
    })
  })

  // Roles belong to the whole server, which the other test files are using.
  describe.skipIf(isServer)('of a role that was given too much', () => {
    test.each([
      ['alter role slateboard_app superuser', 'is a superuser'],
      ['alter role slateboard_app bypassrls', 'may bypass'],
    ])('refuses after %s', async (breach, reason) => {
      const { db } = await openTwo()
      await using _ = db
      await db.sql.unsafe(breach)
      await expect(testWall(db)).rejects.toMatchObject({
        code: 'row_security_void',
        message: expect.stringContaining(reason),
      })
    })
  })
})

describe('opened for the platform', () => {
  const openAgain = (db: TestDatabase) =>
    openWalled({ databaseUrl: db.url, dataDir: 'memory', log: quiet })

  test('what names no workspace sees nothing and may make nothing', async () => {
    await using first = await openTestDatabase()
    await using db = await openAgain(first)
    await ensureWorkspace(db.sql, { name: 'main' })
    expect(await db.sql`select * from workspace`).toEqual([])
    for (const attempt of [
      'create table mine (id int)',
      'drop table profile',
      'alter table profile disable row level security',
      `insert into workspace (name) values ('other')`,
      'truncate event',
    ]) {
      await expect(db.sql.unsafe(attempt)).rejects.toMatchObject({ code: '42501' })
    }
    await testWall(db)
  })

  // The embedded engine has one user, who is asked for no password.
  test.skipIf(!isServer)(
    'a user who neither owns nor may create can serve what its owner migrated',
    async () => {
      await using owner = await openTestDatabase()
      const name = `slate_service_${randomBytes(6).toString('hex')}`
      await owner.sql.unsafe(`create role ${name} login password 'x' in role slateboard_app`)
      try {
        const url = new URL(owner.url ?? '')
        url.username = name
        url.password = 'x'
        await using db = await openWalled({ databaseUrl: url.href, dataDir: '', log: quiet })
        expect(await ensureWorkspace(db.sql, { name: 'main' })).toHaveLength(1)
        await testWall(db)
        await using bare = await connect({ databaseUrl: url.href, dataDir: '', log: quiet })
        expect(await bare.sql`select * from workspace`).toEqual([])
      } finally {
        await owner.sql.unsafe(`drop role ${name}`)
      }
    },
  )
})
