import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Sets the next version of a plugin's config. The caller holds the plugin, so numbers do not collide. */
export const appendConfigVersion = statement<
  {
    workspaceId: number
    plugin: string
    config: string
    secrets: readonly string[]
    returnsTo: number | null
    author: string
    reason: string | null
    at: string
  },
  { number: number }
>(
  (arg) => sql`
    insert into plugin_config_version
      (workspace_id, plugin_id, number, config, secrets, returns_to, author, reason, set_at)
    select ${arg.workspaceId}::int, ${arg.plugin}::text, coalesce(max(c.number), 0) + 1,
      ${arg.config}::text::jsonb, ${arg.secrets}::text[], ${arg.returnsTo}::int, ${arg.author}::text,
      ${arg.reason}::text, ${arg.at}::timestamptz
    from plugin_config_version c
    where c.workspace_id = ${arg.workspaceId}::int and c.plugin_id = ${arg.plugin}::text
    returning number`,
)
