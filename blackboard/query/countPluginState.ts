import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** How much a plugin keeps: for how many profiles, how many keys of its own, how many secrets. */
export const countPluginState = statement<
  { workspaceId: number; plugin: string },
  { profiles: number; profileBytes: number; keys: number; bytes: number; secrets: number }
>(
  (arg) => sql`
    select held.profiles, held.bytes as "profileBytes", own.keys, own.bytes, secret.secrets
    from (
      select count(*)::int as profiles, coalesce(sum(bytes), 0)::bigint as bytes from profile_state
      where workspace_id = ${arg.workspaceId}::int and plugin_id = ${arg.plugin}
    ) as held, (
      select count(*)::int as keys, coalesce(sum(bytes), 0)::bigint as bytes from plugin_state
      where workspace_id = ${arg.workspaceId}::int and plugin_id = ${arg.plugin}
    ) as own, (
      select count(*)::int as secrets from plugin_secret
      where workspace_id = ${arg.workspaceId}::int and plugin_id = ${arg.plugin}
    ) as secret`,
)
