import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

export interface PolicyForceRow {
  /** The version in force. */
  number: number
  /** Until when it is, having come into force without its approvals; null for as long as nobody acts. */
  until: Date | null
  /** The version that a new one would replace: the last that had its approvals. */
  base: number
  /** The version whose answers are compared with those of the one in force. */
  shadow: number | null
}

/** What is in force at a time, without the documents. */
export const findPolicyForce = statement<{ workspaceId: number; at: string }, PolicyForceRow>(
  (arg) => sql`
    select
      case when break_glass_until <= ${arg.at}::timestamptz then previous else number end as number,
      case when break_glass_until > ${arg.at}::timestamptz then break_glass_until end as until,
      case when break_glass_until is not null then previous else number end as base,
      (select s.number from policy_version s
        where s.workspace_id = ${arg.workspaceId}::int and s.status = 'shadow') as shadow
    from policy_version
    where workspace_id = ${arg.workspaceId}::int and status = 'active'`,
)
