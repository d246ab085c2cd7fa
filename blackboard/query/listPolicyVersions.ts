import { sql } from 'drizzle-orm/sql/sql'
import type { Json } from '../../core/model/json.ts'
import type { PolicyStatus } from '../../core/model/policyLife.ts'
import { statement } from '../statement.ts'

export interface PolicyVersionRow {
  number: number
  status: PolicyStatus
  title: string
  document: Json
  documentSha256: string
  author: string
  reason: string
  createdAt: Date
  activatedAt: Date | null
  /** Whether it gives somebody more than `comparedWith` does; null while it is a draft. */
  widens: boolean | null
  comparedWith: number | null
  previous: number | null
  proposedAt: Date | null
  retiredAt: Date | null
  breakGlassBy: string | null
  breakGlassReason: string | null
  breakGlassUntil: Date | null
  /** Oldest first. */
  approvals: { approver: string; approvedAt: string; comment: string | null }[]
}

/** Policy versions below `before`, newest first; or those named by `numbers`. */
export const listPolicyVersions = statement<
  { workspaceId: number; before: number | null; numbers: number[] | null; limit: number },
  PolicyVersionRow
>(
  (arg) => sql`
    select number, status, title, document, document_sha256 as "documentSha256", author, reason,
      created_at as "createdAt", activated_at as "activatedAt", widens,
      compared_with as "comparedWith", previous, proposed_at as "proposedAt",
      retired_at as "retiredAt", break_glass_by as "breakGlassBy",
      break_glass_reason as "breakGlassReason", break_glass_until as "breakGlassUntil",
      array(
        select jsonb_build_object('approver', a.approver, 'approvedAt', a.approved_at, 'comment', a.comment)
        from policy_approval a
        where a.workspace_id = ${arg.workspaceId}::int and a.number = v.number
        order by a.approved_at, a.approver
      ) as approvals
    from policy_version v
    where workspace_id = ${arg.workspaceId}::int
      and (${arg.before}::int is null or number < ${arg.before}::int)
      and (${arg.numbers}::int[] is null or number = any(${arg.numbers}::int[]))
    order by number desc
    limit ${arg.limit}::int`,
)
