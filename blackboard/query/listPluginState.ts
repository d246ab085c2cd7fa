import { sql } from 'drizzle-orm/sql/sql'
import type { Json } from '../../core/model/json.ts'
import { statement } from '../statement.ts'

/** Keys of a plugin's own state that were written below a version, with their values. */
export const listPluginState = statement<
  { workspaceId: number; plugin: string; version: number; limit: number },
  { key: string; version: number; revision: number; value: Json }
>(
  (arg) => sql`
    select key, version, revision, value
    from plugin_state
    where workspace_id = ${arg.workspaceId}::int and plugin_id = ${arg.plugin}
      and version < ${arg.version}::int
    order by key limit ${arg.limit}::int`,
)
