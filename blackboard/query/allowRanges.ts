import type { Handle } from '../statement.ts'

/**
 * For the rest of the transaction lets the planner use bitmap scans, which our connections do without: a summary
 * per block range, as the logs have of their time, is read by nothing else.
 */
export async function allowRanges(tx: Handle): Promise<void> {
  await tx.unsafe(`select set_config('enable_bitmapscan', 'on', true)`)
}
