import { sql } from 'drizzle-orm/sql/sql'
import { acrossWorkspaces } from '../statement.ts'

export interface CallbackRow {
  workspaceId: number
  requestId: string
  id: string
  url: string
  requestStatus: string
  attempts: number
}

/**
 * Takes callbacks that are due until `until`, when whoever comes next may take them: a process that dies loses
 * none. Of one request and place the earlier status is told first.
 */
export const claimCallbacks = acrossWorkspaces<
  { now: string; until: string; limit: number },
  CallbackRow
>(
  (arg) => sql`
    update subject_request_callback c
    set due_at = ${arg.until}::timestamptz, attempts = c.attempts + 1
    from (
      select workspace_id, request_id, id from subject_request_callback w
      where state = 'waiting' and due_at <= ${arg.now}::timestamptz
        and not exists (
          select from subject_request_callback e
          where e.workspace_id = w.workspace_id and e.request_id = w.request_id and e.url = w.url
            and e.state = 'waiting' and e.id < w.id)
      order by due_at
      limit ${arg.limit}::int
      for update skip locked
    ) as due
    where c.workspace_id = due.workspace_id and c.request_id = due.request_id and c.id = due.id
    returning c.workspace_id as "workspaceId", c.request_id as "requestId", c.id, c.url,
      c.request_status as "requestStatus", c.attempts`,
)
