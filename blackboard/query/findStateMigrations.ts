import { sql } from 'drizzle-orm/sql/sql'
import { acrossWorkspaces } from '../statement.ts'

/** State migrations under way, of any workspace, the oldest first. */
export const findStateMigrations = acrossWorkspaces<
  { limit: number },
  { workspaceId: number; plugin: string; version: number; position: string }
>(
  (arg) => sql`
    select workspace_id as "workspaceId", plugin_id as plugin, version, position
    from state_migration where state = 'migrating'
    order by requested_at limit ${arg.limit}::int`,
)
