import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Ends simulations whose process has said nothing since `before`. */
export const failLostSimulations = statement<
  { workspaceId: number; before: string; at: string },
  { id: string }
>(
  (arg) => sql`
    update policy_simulation
    set state = 'failed', failure = 'node_lost', finished_at = ${arg.at}::timestamptz
    where workspace_id = ${arg.workspaceId}::int and state = 'running'
      and beat_at < ${arg.before}::timestamptz
    returning id`,
)
