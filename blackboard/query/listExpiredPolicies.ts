import { sql } from 'drizzle-orm/sql/sql'
import { acrossWorkspaces } from '../statement.ts'

/** Workspaces whose version in force has run out without getting its approvals. */
export const listExpiredPolicies = acrossWorkspaces<{ at: string }, { workspaceId: number }>(
  (arg) => sql`
    select workspace_id as "workspaceId" from policy_version
    where status = 'active' and break_glass_until <= ${arg.at}::timestamptz
    order by workspace_id limit 100`,
)
