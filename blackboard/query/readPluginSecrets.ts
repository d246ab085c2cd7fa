import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** The sealed secrets of a plugin, as far as the version in service still declares them. */
export const readPluginSecrets = statement<
  { workspaceId: number; plugin: string },
  { name: string; wrapped: Uint8Array; sealed: Uint8Array }
>(
  (arg) => sql`
    select s.name, s.wrapped, s.sealed
    from plugin_secret s
    join plugin p on p.workspace_id = s.workspace_id and p.id = s.plugin_id
    join plugin_version v on v.workspace_id = p.workspace_id and v.plugin_id = p.id
      and v.digest = p.digest
    where s.workspace_id = ${arg.workspaceId}::int and s.plugin_id = ${arg.plugin}
      and p.state not in ('removed', 'purged')
      and v.manifest #> '{config,secrets}' @> jsonb_build_array(jsonb_build_object('name', s.name))`,
)
