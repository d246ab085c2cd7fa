import { sql } from 'drizzle-orm/sql/sql'
import { acrossWorkspaces } from '../statement.ts'

/** Objectives that run and of which something is due. */
export const listDueObjectives = acrossWorkspaces<
  { now: string; limit: number },
  { workspaceId: number; id: string }
>(
  (arg) => sql`
    select workspace_id as "workspaceId", id
    from objective
    where state = 'running' and due_at <= ${arg.now}::timestamptz
    order by due_at
    limit ${arg.limit}::int`,
)
