import { sql } from 'drizzle-orm/sql/sql'
import { acrossWorkspaces } from '../statement.ts'

/** The purge, of any workspace, whose pass has been due for longest. */
export const findPurge = acrossWorkspaces<
  { now: string },
  { workspaceId: number; pluginId: string; id: string }
>(
  (arg) => sql`
    select workspace_id as "workspaceId", plugin_id as "pluginId", id from plugin_purge
    where state = 'purging' and pass_began_at <= ${arg.now}::timestamptz
    order by pass_began_at limit 1`,
)
