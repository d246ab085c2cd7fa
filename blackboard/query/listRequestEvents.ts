import { sql } from 'drizzle-orm/sql/sql'
import type { RequestEvent } from '../../core/model/subjectRequest.ts'
import { statement } from '../statement.ts'

/** The history of requests, oldest first. */
export const listRequestEvents = statement<
  { workspaceId: number; requestIds: readonly string[] },
  RequestEvent & { requestId: string }
>(
  (arg) => sql`
    select request_id as "requestId", id, at, actor, act, state, details
    from subject_request_event
    where workspace_id = ${arg.workspaceId}::int and request_id = any(${arg.requestIds}::text[])
    order by request_id, id`,
)
