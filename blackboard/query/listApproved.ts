import { sql } from 'drizzle-orm/sql/sql'
import { acrossWorkspaces } from '../statement.ts'

/** Approved activations that are due, oldest first, without a lock: dispatch locks the persons first. */
export const listApproved = acrossWorkspaces<
  { now: string; limit: number },
  { workspaceId: number; profileId: string; id: string; purpose: string; channel: string }
>(
  (arg) => sql`
    select workspace_id as "workspaceId", profile_id as "profileId", id, purpose, channel
    from activation
    where state = 'approved' and due_at <= ${arg.now}::timestamptz
    order by due_at
    limit ${arg.limit}::int`,
)
