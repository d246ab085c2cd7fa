import type { Handle } from '../statement.ts'

/** Every later statement of the transaction sees the database as it is now. Must be the transaction's first. */
export async function fixSnapshot(tx: Handle): Promise<void> {
  await tx.unsafe('set transaction isolation level repeatable read')
}
