import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Keeps secrets of a plugin, sealed, over those of the same names; those in `removed` go. Base64 in JSON. */
export const storePluginSecrets = statement<
  {
    workspaceId: number
    plugin: string
    secrets: string
    removed: readonly string[]
    by: string
    at: string
  },
  never
>(
  (arg) => sql`
    with gone as (
      delete from plugin_secret
      where workspace_id = ${arg.workspaceId}::int and plugin_id = ${arg.plugin}
        and name = any(${arg.removed}::text[])
    )
    insert into plugin_secret (workspace_id, plugin_id, name, wrapped, sealed, set_by, set_at)
    select ${arg.workspaceId}::int, ${arg.plugin}::text, name, decode(wrapped, 'base64'),
      decode(sealed, 'base64'), ${arg.by}::text, ${arg.at}::timestamptz
    from json_to_recordset(${arg.secrets}::text::json) as new (name text, wrapped text, sealed text)
    on conflict (workspace_id, plugin_id, name) do update
    set wrapped = excluded.wrapped, sealed = excluded.sealed, set_by = excluded.set_by,
      set_at = excluded.set_at`,
)
