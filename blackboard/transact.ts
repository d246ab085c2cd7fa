import type { TransactionSql } from 'postgres'
import type { Database } from './connect.ts'
import { asDatabaseError, isRetryable } from './failure.ts'

const attemptsMax = 6

/**
 * Runs work in one READ COMMITTED transaction, and again from the start when it lost against another
 * (serialization failure, deadlock, `write_conflict`). Inside, use `tx` only: the embedded engine has one
 * connection, and a query on the pool would wait for it for ever.
 */
export async function transact<T>(
  db: Database,
  work: (tx: TransactionSql) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run(db, work)
    } catch (thrown) {
      const error = asDatabaseError(thrown)
      if (attempt === attemptsMax || !isRetryable(error)) throw error
    }
  }
}

async function run<T>(db: Database, work: (tx: TransactionSql) => Promise<T>): Promise<T> {
  let result: { value: T } | undefined
  await db.sql.begin('isolation level read committed', async (tx) => {
    result = { value: await work(tx) }
  })
  if (!result) throw new TypeError('a transaction ended without running its work')
  return result.value
}
