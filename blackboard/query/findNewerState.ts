import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Whether anything that a plugin remembers is of a newer version than the one given. */
export const findNewerState = statement<
  { workspaceId: number; plugin: string; version: number },
  { isNewer: boolean }
>(
  (arg) => sql`
    select exists (
      select from profile_state
      where workspace_id = ${arg.workspaceId}::int and plugin_id = ${arg.plugin}::text
        and version > ${arg.version}::int
    ) or exists (
      select from plugin_state
      where workspace_id = ${arg.workspaceId}::int and plugin_id = ${arg.plugin}::text
        and version > ${arg.version}::int
    ) as "isNewer"`,
)
