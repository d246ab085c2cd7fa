import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Which secrets of a plugin are set, by whom and when; never the secrets. */
export const listPluginSecrets = statement<
  { workspaceId: number; plugin: string },
  { name: string; setBy: string; setAt: Date }
>(
  (arg) => sql`
    select name, set_by as "setBy", set_at as "setAt" from plugin_secret
    where workspace_id = ${arg.workspaceId}::int and plugin_id = ${arg.plugin} order by name`,
)
