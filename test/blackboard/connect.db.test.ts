import { expect, test } from 'vitest'
import { openTestDatabase } from '../support/database.ts'

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
