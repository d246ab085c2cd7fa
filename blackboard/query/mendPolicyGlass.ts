import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** A version that came into force without its approvals has them now: it stays. */
export const mendPolicyGlass = statement<
  { workspaceId: number; number: number },
  { number: number }
>(
  (arg) => sql`
    update policy_version set break_glass_until = null
    where workspace_id = ${arg.workspaceId}::int and number = ${arg.number}::int
    returning number`,
)
