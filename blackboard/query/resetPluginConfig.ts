import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Sets a purged plugin's config back, where anything was ever set; what was set stays in the history. */
export const resetPluginConfig = statement<
  { workspaceId: number; plugin: string; author: string; at: string },
  never
>(
  (arg) => sql`
    insert into plugin_config_version
      (workspace_id, plugin_id, number, config, secrets, returns_to, author, reason, set_at)
    select ${arg.workspaceId}::int, ${arg.plugin}::text, max(c.number) + 1, '{}', '{}', null,
      ${arg.author}::text, 'purged', ${arg.at}::timestamptz
    from plugin_config_version c
    where c.workspace_id = ${arg.workspaceId}::int and c.plugin_id = ${arg.plugin}::text
    having count(*) > 0`,
)
