import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Which policy version is in force at a time; a commit asks it to see whether it still decides by that one.
 * A version that came into force without its approvals counts no longer than it was given, whether or not
 * anybody has put the one before it back yet.
 */
export const findActivePolicyNumber = statement<
  { workspaceId: number; at: string },
  { number: number }
>(
  (arg) => sql`
    select case when break_glass_until <= ${arg.at}::timestamptz then previous else number end as number
    from policy_version
    where workspace_id = ${arg.workspaceId}::int and status = 'active'`,
)
