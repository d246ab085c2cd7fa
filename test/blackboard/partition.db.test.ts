import { expect, test } from 'vitest'
import { ensurePartitions } from '../../blackboard/query/ensurePartitions.ts'
import { openTestDatabase } from '../support/database.ts'

const now = '2031-12-20T10:00:00Z'

const insertChange = (at: string) => `
  insert into change (workspace_id, profile_id, id, kind, key, author_kind, author_id, cause, at)
  values (1, 'p', 'c', 'trait', 'k', 'system', 's', 'e', '${at}')`

test('makes this month and the next two, over the end of a year, and again without harm', async () => {
  await using db = await openTestDatabase()
  expect(await ensurePartitions(db.sql, { now })).toEqual([])
  expect(await ensurePartitions(db.sql, { now })).toEqual([])
  await db.sql.unsafe(insertChange('2032-02-29T23:59:59Z'))
  const [row] = await db.sql`select tableoid::regclass::text as partition from change`
  expect(row?.['partition']).toBe('change_2032_02')
})

test('goes on when a month nobody made in time has its rows in the default partition', async () => {
  await using db = await openTestDatabase()
  await db.sql.unsafe(insertChange('2032-01-15T00:00:00Z'))
  expect(await ensurePartitions(db.sql, { now })).toEqual([{ late: 'change_2032_01' }])
  const [kept] = await db.sql`select count(*) from change`
  expect(kept?.['count']).toBe(1)
})
