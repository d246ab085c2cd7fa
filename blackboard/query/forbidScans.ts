import type { Handle } from '../statement.ts'

/** Gives the transaction the settings of our connections back, which `allowScans` took away. */
export async function forbidScans(tx: Handle): Promise<void> {
  await tx
    .unsafe(
      `set local enable_seqscan to default; set local enable_bitmapscan to default;
       set local enable_nestloop to default; set local statement_timeout to default;
       set local work_mem to default`,
    )
    .simple()
}
