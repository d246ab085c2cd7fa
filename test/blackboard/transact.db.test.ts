import { expect, test } from 'vitest'
import { transact } from '../../blackboard/transact.ts'
import { openTestDatabase } from '../support/database.ts'

test('keeps transactions apart while hundreds of other statements are under way', async () => {
  await using db = await openTestDatabase({ maxConnections: 1 })
  const { sql } = db
  await sql`create table tally (n int)`
  const others = Array.from({ length: 300 }, (_, n) => sql`select ${n}::int as n`)
  const transactions = Array.from({ length: 20 }, (_, n) =>
    transact(db, (tx) => tx`insert into tally values (${n})`),
  )
  const answers = await Promise.all(others)
  await Promise.all(transactions)
  expect(answers.map(([row]) => row?.['n'])).toEqual(answers.map((_, n) => n))
  expect(await sql`select count(*)::int as count from tally`).toEqual([{ count: 20 }])
})
