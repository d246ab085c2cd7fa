import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

export const insertPurge = statement<
  { workspaceId: number; pluginId: string; id: string; by: string; at: string },
  never
>(
  (arg) => sql`
    insert into plugin_purge (workspace_id, plugin_id, id, pass_began_at, requested_by, requested_at)
    values (${arg.workspaceId}::int, ${arg.pluginId}::text, ${arg.id}::text, ${arg.at}::timestamptz,
      ${arg.by}::text, ${arg.at}::timestamptz)`,
)
