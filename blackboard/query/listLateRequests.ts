import { sql } from 'drizzle-orm/sql/sql'
import { acrossWorkspaces } from '../statement.ts'

/** Requests that are due and nobody has said so yet, the most urgent first. */
export const listLateRequests = acrossWorkspaces<
  { now: string; limit: number },
  { workspaceId: number; id: string }
>(
  (arg) => sql`
    select workspace_id as "workspaceId", id from subject_request
    where state in ('received', 'identity_unverified', 'in_progress')
      and due_at < ${arg.now}::timestamptz and overdue_at is null
    order by due_at
    limit ${arg.limit}::int`,
)
