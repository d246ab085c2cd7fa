import { sql } from 'drizzle-orm/sql/sql'
import { acrossWorkspaces } from '../statement.ts'

export interface LateRow {
  workspaceId: number
  id: string
  dueAt: Date
}

/** Requests that are due, or will be soon, and nobody has said so yet; the most urgent first. */
export const listLateRequests = acrossWorkspaces<{ now: string; limit: number }, LateRow>(
  (arg) => sql`
    select workspace_id as "workspaceId", id, due_at as "dueAt" from subject_request
    where state in ('received', 'identity_unverified', 'in_progress') and overdue_at is null
      and (due_at < ${arg.now}::timestamptz
        or (warned_at is null
          and subject_request_warns_at(received_at, due_at) <= ${arg.now}::timestamptz))
    order by due_at
    limit ${arg.limit}::int`,
)
