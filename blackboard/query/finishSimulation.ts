import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Ends a simulation that runs; no row when it has ended. `result` is JSON. */
export const finishSimulation = statement<
  {
    workspaceId: number
    id: string
    state: 'done' | 'cancelled' | 'failed'
    result: string | null
    failure: string | null
    at: string
  },
  { id: string }
>(
  (arg) => sql`
    update policy_simulation
    set state = ${arg.state}, result = ${arg.result}::text::jsonb, failure = ${arg.failure},
      done = case when ${arg.state} = 'done' then total else done end, finished_at = ${arg.at}::timestamptz
    where workspace_id = ${arg.workspaceId}::int and id = ${arg.id} and state = 'running'
    returning id`,
)
