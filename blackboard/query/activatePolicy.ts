import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Puts a version in force that no other is in the way of. What it replaced is kept from the first time on.
 * The caller holds `lockPolicies`; the database refuses what lacks its approvals.
 */
export const activatePolicy = statement<
  {
    workspaceId: number
    number: number
    previous: number | null
    breakGlassBy: string | null
    breakGlassReason: string | null
    breakGlassUntil: string | null
    at: string
  },
  { number: number }
>(
  (arg) => sql`
    update policy_version
    set status = 'active', activated_at = ${arg.at}::timestamptz, retired_at = null,
      previous = coalesce(previous, ${arg.previous}::int),
      break_glass_by = coalesce(break_glass_by, ${arg.breakGlassBy}::text),
      break_glass_reason = coalesce(break_glass_reason, ${arg.breakGlassReason}::text),
      break_glass_until = ${arg.breakGlassUntil}::timestamptz
    where workspace_id = ${arg.workspaceId}::int and number = ${arg.number}::int
    returning number`,
)
