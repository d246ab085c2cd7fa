import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Ends the rollout of a plugin that is under way, as it is told or else as it naturally ends: a canary is taken back,
 * and a version in service has stood. `spares` is left alone while it is watched. The caller holds the plugin's row.
 */
export const endRollout = statement<
  {
    workspaceId: number
    plugin: string
    state: 'completed' | 'rolled_back' | null
    reason: string
    spares: string | null
    /** A version in service goes on being watched. */
    onlyCanary: boolean
    at: string
  },
  { digest: string; wasCanary: boolean }
>(
  (arg) => sql`
    with open as (
      select id, state from plugin_rollout
      where workspace_id = ${arg.workspaceId}::int and plugin_id = ${arg.plugin}::text
        and (state = 'canary' or (state = 'watching' and not ${arg.onlyCanary}::boolean
          and digest is distinct from ${arg.spares}::text))
      for update
    )
    update plugin_rollout r
    set state = coalesce(${arg.state}::text, case open.state when 'canary' then 'rolled_back' else 'completed' end),
      reason = ${arg.reason}::text, ended_at = ${arg.at}::timestamptz
    from open
    where r.workspace_id = ${arg.workspaceId}::int and r.plugin_id = ${arg.plugin}::text and r.id = open.id
    returning r.digest, open.state = 'canary' as "wasCanary"`,
)
