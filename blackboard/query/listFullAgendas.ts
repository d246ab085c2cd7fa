import { sql } from 'drizzle-orm/sql/sql'
import { acrossWorkspaces } from '../statement.ts'

/** Workspaces of which more reactions wait than that. */
export const listFullAgendas = acrossWorkspaces<{ max: number }, { workspaceId: number }>(
  (arg) => sql`
    select w.id as "workspaceId" from workspace w
    where exists (
      select from agenda a
      where a.workspace_id = w.id and a.rank is not null
      offset ${arg.max}::int)`,
)
