import { sql } from 'drizzle-orm/sql/sql'
import { acrossWorkspaces } from '../statement.ts'

/**
 * Requests of controllers that came before `until`, and those whose answer was begun. Where an officer refused a part,
 * an officer answers.
 */
export const listDueOpenDsr = acrossWorkspaces<
  { until: string; limit: number },
  { workspaceId: number; id: string }
>(
  (arg) => sql`
    select r.workspace_id as "workspaceId", r.id from subject_request r
    where r.controller_request_id is not null and r.state in ('received', 'in_progress')
      and r.refusals = '[]' and exists (
        select from subject_request_event e
        where e.workspace_id = r.workspace_id and e.request_id = r.id and e.act = 'opened'
          and e.at <= ${arg.until}::timestamptz)
    order by r.id
    limit ${arg.limit}::int`,
)
