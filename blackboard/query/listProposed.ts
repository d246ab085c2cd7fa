import { sql } from 'drizzle-orm/sql/sql'
import { acrossWorkspaces } from '../statement.ts'

/** Activations that wait for the gate, oldest first, without a lock: the gate locks the persons first. */
export const listProposed = acrossWorkspaces<
  { limit: number },
  { workspaceId: number; profileId: string; id: string }
>(
  (arg) => sql`
    select workspace_id as "workspaceId", profile_id as "profileId", id
    from activation
    where state = 'proposed'
    order by due_at
    limit ${arg.limit}::int`,
)
