import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Deletes what a plugin kept, for `limit` profiles at a time; its own keys, secrets and migrations go with the
 * first call. Everything is gone once no `profiles` are answered. The caller sees to it that nothing of the
 * plugin runs, and sets its config back with `resetPluginConfig`: what was set stays in the history.
 */
export const purgePluginState = statement<
  { workspaceId: number; plugin: string; limit: number },
  { profiles: number; keys: number; secrets: number }
>(
  (arg) => sql`
    with held as (
      select profile_id from profile_state
      where workspace_id = ${arg.workspaceId}::int and plugin_id = ${arg.plugin}
      order by profile_id limit ${arg.limit}::int for update
    ), profile_gone as (
      delete from profile_state s using held
      where s.workspace_id = ${arg.workspaceId}::int and s.plugin_id = ${arg.plugin}
        and s.profile_id = held.profile_id
      returning 1
    ), key_gone as (
      delete from plugin_state
      where workspace_id = ${arg.workspaceId}::int and plugin_id = ${arg.plugin}
      returning 1
    ), secret_gone as (
      delete from plugin_secret
      where workspace_id = ${arg.workspaceId}::int and plugin_id = ${arg.plugin}
      returning 1
    ), migration_gone as (
      delete from state_migration
      where workspace_id = ${arg.workspaceId}::int and plugin_id = ${arg.plugin}
    )
    select (select count(*) from profile_gone)::int as profiles,
      (select count(*) from key_gone)::int as keys, (select count(*) from secret_gone)::int as secrets`,
)
