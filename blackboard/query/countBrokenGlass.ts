import { sql } from 'drizzle-orm/sql/sql'
import { acrossWorkspaces } from '../statement.ts'

/** Versions that are in force without their approvals. */
export const countBrokenGlass = acrossWorkspaces<object, { count: number }>(
  () => sql`
    select count(*)::int as count from policy_version
    where status = 'active' and break_glass_until is not null`,
)
