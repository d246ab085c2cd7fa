import { sql } from 'drizzle-orm/sql/sql'
import type { RolloutCounts, RolloutLimits } from '../../core/model/pluginRollout.ts'
import { acrossWorkspaces } from '../statement.ts'

export interface OpenRollout extends RolloutCounts {
  workspaceId: number
  plugin: string
  id: string
  digest: string
  version: string
  baseDigest: string
  state: 'canary' | 'watching'
  limits: RolloutLimits
  workedAt: Date | null
}

/** Versions of running plugins that are tried or watched; hardly ever any, asked every second. */
export const listOpenRollouts = acrossWorkspaces<object, OpenRollout>(
  () => sql`
    select r.workspace_id as "workspaceId", r.plugin_id as plugin, r.id, r.digest, v.version,
      r.base_digest as "baseDigest", r.state, r.limits, r.worked_at as "workedAt", r.items::float8,
      r.failures::float8, r.base_items::float8 as "baseItems", r.base_failures::float8 as "baseFailures"
    from plugin_rollout r
    join plugin p on p.workspace_id = r.workspace_id and p.id = r.plugin_id and p.state = 'active'
    join plugin_version v on v.workspace_id = r.workspace_id and v.plugin_id = r.plugin_id
      and v.digest = r.digest
    where r.state in ('canary', 'watching')`,
)
