import type { Handle } from '../statement.ts'

/**
 * For the rest of the transaction lets the planner read whole ranges and gives a statement a minute: for one
 * that looks at every row, where the settings of our connections suit look-ups by key. Joins are made in sets:
 * Postgres takes "is its own canonical profile" for rare, and would look the standing of a million up one by one,
 * which takes three times as long.
 */
export async function allowScans(tx: Handle): Promise<void> {
  await tx.unsafe(
    `select set_config('enable_seqscan', 'on', true), set_config('enable_bitmapscan', 'on', true),
       set_config('enable_nestloop', 'off', true), set_config('statement_timeout', '60s', true)`,
  )
}
