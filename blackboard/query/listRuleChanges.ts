import { sql } from 'drizzle-orm/sql/sql'
import { acrossWorkspaces } from '../statement.ts'

/** Something that what waits is worked on by from then on: a policy, a version of a plugin, or what is set for one. */
export interface RuleChange {
  workspaceId: number
  what: 'policy' | 'plugin' | 'config'
  /** Null for all of them. */
  plugin: string | null
  /** Of the policy version that came into force. */
  policy: number | null
  at: Date
}

/** What came into force since a time and still is. */
export const listRuleChanges = acrossWorkspaces<{ since: string }, RuleChange>(
  (arg) => sql`
    select workspace_id as "workspaceId", 'policy' as what, null as plugin, number as policy, activated_at as at
    from policy_version where status = 'active' and activated_at > ${arg.since}::timestamptz
    union all
    select workspace_id, 'plugin', id, null, updated_at
    from plugin where state = 'active' and updated_at > ${arg.since}::timestamptz
    union all
    select workspace_id, 'config', plugin_id, null, max(set_at)
    from plugin_config_version where set_at > ${arg.since}::timestamptz
    group by workspace_id, plugin_id`,
)
