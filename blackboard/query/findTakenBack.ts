import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** The version that the newest rollout of a plugin tried, where the platform took it back, with why. */
export const findTakenBack = statement<
  { workspaceId: number; plugin: string },
  { digest: string; reason: string; endedAt: Date }
>(
  (arg) => sql`
    select digest, reason, ended_at as "endedAt" from (
      select digest, reason, state, ended_at, ended_by from plugin_rollout
      where workspace_id = ${arg.workspaceId}::int and plugin_id = ${arg.plugin}::text
      order by id desc limit 1
    ) as newest
    where state = 'rolled_back' and ended_by = 'system'`,
)
