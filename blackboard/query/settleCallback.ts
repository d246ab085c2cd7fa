import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** How a callback went: taken, to be tried again at `dueAt`, or given up. */
export const settleCallback = statement<
  {
    workspaceId: number
    requestId: string
    id: string
    state: string
    dueAt: string
    error: string | null
  },
  never
>(
  (arg) => sql`
    update subject_request_callback
    set state = ${arg.state}, due_at = ${arg.dueAt}::timestamptz, last_error = ${arg.error}
    where workspace_id = ${arg.workspaceId}::int and request_id = ${arg.requestId} and id = ${arg.id}`,
)
