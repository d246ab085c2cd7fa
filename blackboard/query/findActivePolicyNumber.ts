import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Which policy version is in force now; a commit asks it to see whether it still decides by that one. */
export const findActivePolicyNumber = statement<{ workspaceId: number }, { number: number }>(
  (arg) => sql`
    select number from policy_version
    where workspace_id = ${arg.workspaceId}::int and status = 'active'`,
)
