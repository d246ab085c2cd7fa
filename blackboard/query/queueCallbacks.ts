import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Queues word of a request's new status for everyone who listens, in the transaction that gives it the status. */
export const queueCallbacks = statement<
  { workspaceId: number; requestId: string; id: string; status: string; at: string },
  never
>(
  (arg) => sql`
    insert into subject_request_callback (workspace_id, request_id, id, url, request_status, state, due_at,
      created_at)
    select workspace_id, request_id, ${arg.id} || '-' || row_number() over (order by url), url,
      ${arg.status}, 'waiting', ${arg.at}::timestamptz, ${arg.at}::timestamptz
    from subject_request_listener
    where workspace_id = ${arg.workspaceId}::int and request_id = ${arg.requestId}`,
)
