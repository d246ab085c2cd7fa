import { sql } from 'drizzle-orm/sql/sql'
import type { Json } from '../../core/model/json.ts'
import type { DataClass } from '../../core/model/trait.ts'
import { statement } from '../statement.ts'

/** What the manifest of the plugin that owns a trait says of it; nothing once the plugin is removed. */
export const findContributed = statement<
  { workspaceId: number; pluginId: string; key: string },
  { dataClass: DataClass; schema: Json | null }
>(
  (arg) => sql`
    select trait ->> 'class' as "dataClass", trait -> 'schema' as schema
    from plugin p
    join plugin_version v on v.workspace_id = p.workspace_id and v.plugin_id = p.id and v.digest = p.digest
    cross join lateral jsonb_array_elements(v.manifest -> 'traits') as trait
    where p.workspace_id = ${arg.workspaceId}::int and p.id = ${arg.pluginId}::text
      and p.state in ('active', 'paused', 'quarantined', 'incompatible') and trait ->> 'key' = ${arg.key}::text`,
)
