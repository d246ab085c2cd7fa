import { sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { acrossWorkspaces, run } from '../../blackboard/statement.ts'
import { openTestDatabase } from '../support/database.ts'

const echo = acrossWorkspaces<
  { object: object; rows: string; flags: boolean[]; days: Date[]; words: string[]; at: Date },
  Record<string, unknown>
>(
  (arg) => sql`
    select ${arg.object}::text::jsonb as object, jsonb_typeof(${arg.rows}::text::jsonb) as rows,
      ${arg.flags}::boolean[] as flags, array_length(${arg.days}::timestamptz[], 1) as days,
      ${arg.words}::text[] as words, ${arg.at}::timestamptz as at`,
)

test('binds JSON once, and arrays of any type', async () => {
  await using db = await openTestDatabase()
  const at = new Date('2026-01-02T03:04:05.678Z')
  const words = ['plain', 'with "quotes"', 'and \\ {braces}, commas', 'null', '']
  const args = { object: { a: 'b' }, rows: '[1]', flags: [true, false], days: [at, at], words, at }
  const answer = { object: { a: 'b' }, rows: 'array', flags: [true, false], days: 2, words, at }
  expect(await echo(db.sql, args)).toEqual([answer])
  expect(await db.sql.begin((tx) => echo(tx, args))).toEqual([answer])
})

test('runs SQL that is put together at run time', async () => {
  await using db = await openTestDatabase()
  const filter = sql`n = any(${sql.param([2, 3])}::int[])`
  expect(
    await run(db.sql, 1, sql`select n from generate_series(1, 5) as n where ${filter}`),
  ).toEqual([{ n: 2 }, { n: 3 }])
})

test('keeps a value that looks like SQL a value', async () => {
  await using db = await openTestDatabase()
  const words = ["'; drop table source; --", '$1', '{}']
  const find = acrossWorkspaces<{ words: string[] }, { word: string }>(
    (arg) => sql`select unnest(${arg.words}::text[]) as word`,
  )
  expect(await find(db.sql, { words })).toEqual(words.map((word) => ({ word })))
})
