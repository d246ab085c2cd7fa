import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Asks for a plugin's older state to be brought to `version`, where there is any, and drops what was asked for
 * other versions. Installed again, a version begins anew: what failed before may have been mended.
 */
export const requestStateMigration = statement<
  { workspaceId: number; plugin: string; version: number; at: string },
  never
>(
  (arg) => sql`
    with dropped as (
      update state_migration set state = 'dropped', finished_at = ${arg.at}::timestamptz
      where workspace_id = ${arg.workspaceId}::int and plugin_id = ${arg.plugin}
        and version <> ${arg.version}::int and state = 'migrating'
    )
    insert into state_migration (workspace_id, plugin_id, version, state, requested_at)
    select ${arg.workspaceId}::int, ${arg.plugin}::text, ${arg.version}::int, 'migrating',
      ${arg.at}::timestamptz
    where exists (
      select from profile_state
      where workspace_id = ${arg.workspaceId}::int and plugin_id = ${arg.plugin}
        and version < ${arg.version}::int
    ) or exists (
      select from plugin_state
      where workspace_id = ${arg.workspaceId}::int and plugin_id = ${arg.plugin}
        and version < ${arg.version}::int
    )
    on conflict (workspace_id, plugin_id, version) do update
    set state = 'migrating', position = '', migrated = 0, failed = 0,
      requested_at = excluded.requested_at, finished_at = null`,
)
