import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Says how far a simulation is; no row when it runs no more, so whoever works on it stops. */
export const beatSimulation = statement<
  { workspaceId: number; id: string; done: number; total: number; at: string },
  { id: string }
>(
  (arg) => sql`
    update policy_simulation
    set done = ${arg.done}::bigint, total = ${arg.total}::bigint, beat_at = ${arg.at}::timestamptz
    where workspace_id = ${arg.workspaceId}::int and id = ${arg.id} and state = 'running'
    returning id`,
)
