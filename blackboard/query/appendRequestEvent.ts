import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Adds to a request's history, in the transaction of what it tells of. `details` holds codes, counts and ids. */
export const appendRequestEvent = statement<
  {
    workspaceId: number
    requestId: string
    id: string
    at: string
    actor: string
    act: string
    state: string
    details: string
  },
  never
>(
  (arg) => sql`
    insert into subject_request_event (workspace_id, request_id, id, at, actor, act, state, details)
    values (${arg.workspaceId}::int, ${arg.requestId}, ${arg.id}, ${arg.at}::timestamptz, ${arg.actor},
      ${arg.act}, ${arg.state}, ${arg.details}::text::jsonb)`,
)
