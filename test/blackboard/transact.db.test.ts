import { expect, test } from 'vitest'
import { transact } from '../../blackboard/transact.ts'
import { openTestDatabase } from '../support/database.ts'

// 100 is what the driver lets be under way on one connection unless told otherwise.
test.each([99, 100, 101, 300])('keeps a transaction whole behind %i statements', async (count) => {
  await using db = await openTestDatabase({ maxConnections: 1 })
  const { sql } = db
  await sql`create table tally (n int)`
  // Known to the connection, so that those after it are sent without waiting for an answer.
  await sql`select ${-1}::int as n`
  const others = Array.from({ length: count }, (_, n) => sql`select ${n}::int as n`.execute())
  await transact(db, (tx) => tx`insert into tally values (1)`)
  const answers = await Promise.all(others)
  expect(answers.map(([row]) => row?.['n'])).toEqual(answers.map((_, n) => n))
  expect(await sql`select n from tally`).toEqual([{ n: 1 }])
})
