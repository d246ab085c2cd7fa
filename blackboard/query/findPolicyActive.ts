import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** The version whose status is active, with what it replaced and how long it may stay without approvals. */
export const findPolicyActive = statement<
  { workspaceId: number },
  { number: number; previous: number | null; until: Date | null }
>(
  (arg) => sql`
    select number, previous, break_glass_until as until from policy_version
    where workspace_id = ${arg.workspaceId}::int and status = 'active'`,
)
