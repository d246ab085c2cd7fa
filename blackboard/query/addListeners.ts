import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Notes where a controller wants to be told of a request's status. */
export const addListeners = statement<
  { workspaceId: number; requestId: string; urls: readonly string[] },
  never
>(
  (arg) => sql`
    insert into subject_request_listener (workspace_id, request_id, url)
    select ${arg.workspaceId}::int, ${arg.requestId}, url from unnest(${arg.urls}::text[]) as url
    on conflict do nothing`,
)
