import type { Handle } from '../statement.ts'

/**
 * From here on the transaction's joins are made in sets and not row by row, within 64 MB each: for statements about
 * a whole range of profiles, which are found by key all the same. `joinByRow` ends it.
 */
export async function joinInSets(tx: Handle): Promise<void> {
  await tx.unsafe(
    `select set_config('enable_nestloop', 'off', true), set_config('work_mem', '64MB', true)`,
  )
}

export async function joinByRow(tx: Handle): Promise<void> {
  await tx.unsafe(`select set_config('enable_nestloop', 'on', true)`)
}
