import { sql } from 'drizzle-orm/sql/sql'
import { acrossWorkspaces } from '../statement.ts'
import { taskColumns, type TaskRow } from './listTasks.ts'

export type ClaimedTask = TaskRow & { workspaceId: number }

/**
 * Claims tasks that are due of objectives that run, for a worker that beats: those of the skills that it has somebody
 * for. `offers` is JSON: [{ workspaceId, skill }].
 */
export const claimTasks = acrossWorkspaces<
  { owner: string; offers: string; now: string; limit: number },
  ClaimedTask
>(
  (arg) => sql`
    with next as (
      select t.workspace_id, t.objective_id, t.id
      from task t
      join json_to_recordset(${arg.offers}::text::json) as offer ("workspaceId" int, skill text)
        on offer."workspaceId" = t.workspace_id and offer.skill = t.skill
      join objective o on o.workspace_id = t.workspace_id and o.id = t.objective_id and o.state = 'running'
      where t.state = 'ready' and t.due_at <= ${arg.now}::timestamptz
      order by t.due_at, t.id
      limit ${arg.limit}::int
      for update of t skip locked
    )
    update task t
    set state = 'running', lease_owner = ${arg.owner}, lease_epoch = t.lease_epoch + 1,
      attempts = t.attempts + 1, updated_at = ${arg.now}::timestamptz
    from next
    where t.workspace_id = next.workspace_id and t.objective_id = next.objective_id and t.id = next.id
    returning t.workspace_id as "workspaceId", ${taskColumns}`,
)
