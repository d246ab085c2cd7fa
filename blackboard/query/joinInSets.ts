import type { Handle } from '../statement.ts'

/**
 * From here on the transaction's joins are made in sets and not row by row, within 64 MB each: for statements about
 * a whole range of profiles, which are found by key all the same. Each range is planned anew, in 3 ms: the plan
 * that Postgres keeps from the sixth on knows no range, and took 5 s where 0.3 s do. `joinByRow` ends it.
 */
export async function joinInSets(tx: Handle): Promise<void> {
  await tx.unsafe(
    `select set_config('enable_nestloop', 'off', true), set_config('work_mem', '64MB', true),
       set_config('plan_cache_mode', 'force_custom_plan', true)`,
  )
}

export async function joinByRow(tx: Handle): Promise<void> {
  await tx.unsafe(
    `select set_config('enable_nestloop', 'on', true), set_config('plan_cache_mode', 'auto', true)`,
  )
}
