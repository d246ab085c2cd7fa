import { expect, test } from 'vitest'
import { connect } from '../../blackboard/connect.ts'
import { openTestDatabase } from '../support/database.ts'
import { quiet } from '../support/quiet.ts'

test('gives int8 as number, timestamptz as Date and JSON as it was', async () => {
  await using db = await openTestDatabase()
  const [row] = await db.sql`
    select 5::int8 as n, '2026-01-02T03:04:05Z'::timestamptz as t,
      ${'{"a":[1]}'}::jsonb as text, ${db.sql.json({ a: [1] })}::jsonb as object`
  expect(row).toEqual({
    n: 5,
    t: new Date('2026-01-02T03:04:05Z'),
    text: { a: [1] },
    object: { a: [1] },
  })
})

test('keeps serving after a statement failed and after a transaction rolled back', async () => {
  await using db = await openTestDatabase()
  await expect(db.sql`select 1 / 0`).rejects.toMatchObject({ code: '22012' })
  await expect(
    db.sql.begin(async (tx) => {
      await tx`create table gone (a int)`
      await tx`select * from nowhere`
    }),
  ).rejects.toMatchObject({ code: '42P01' })
  expect(await db.sql`select to_regclass('gone') as found`).toEqual([{ found: null }])
})

test('reads by key rather than by table on every connection, also after one was lost', async () => {
  await using db = await openTestDatabase()
  const ask = () =>
    db.sql`select current_setting('enable_seqscan') as seq, current_setting('jit') as jit`
  expect(await ask()).toEqual([{ seq: 'off', jit: 'off' }])
  await db.sql`select pg_terminate_backend(pg_backend_pid())`.catch(() => undefined)
  expect(await ask().catch(ask)).toEqual([{ seq: 'off', jit: 'off' }])
})

test('says that nothing answers, and keeps the password to itself', async () => {
  const databaseUrl = 'postgres://app:s3cret@127.0.0.1:1/none'
  const refused = await connect({ databaseUrl, dataDir: '', log: quiet }).catch((error) => error)
  expect(refused).toMatchObject({ code: 'database_unavailable', status: 503 })
  expect(refused.message).not.toContain('s3cret')
})

test('refuses an address that is none, and keeps the password to itself', async () => {
  const databaseUrl = 'postgres://app:s3cret@:no:port/none'
  const refused = await connect({ databaseUrl, dataDir: '', log: quiet }).catch((error) => error)
  expect(refused).toMatchObject({ code: 'database_unavailable' })
  expect(JSON.stringify([refused.message, refused.stack, refused.cause])).not.toContain('s3cret')
})
