import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

export interface PolicyEnactmentRow {
  kind: 'activation' | 'break_glass' | 'rollback' | 'fallback'
  /** What was in force until then. */
  replaced: number | null
  actor: string
  reason: string | null
  enactedAt: Date
}

/** When a version came into force, latest first. */
export const listPolicyEnactments = statement<
  { workspaceId: number; number: number },
  PolicyEnactmentRow
>(
  (arg) => sql`
    select kind, replaced, actor, reason, enacted_at as "enactedAt"
    from policy_enactment
    where workspace_id = ${arg.workspaceId}::int and number = ${arg.number}::int
    order by id desc
    limit 100`,
)
