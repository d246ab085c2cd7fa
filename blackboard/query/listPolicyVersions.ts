import { sql } from 'drizzle-orm/sql/sql'
import type { Json } from '../../core/model/json.ts'
import { statement } from '../statement.ts'

export const policyStatuses = [
  'draft',
  'proposed',
  'approved',
  'shadow',
  'active',
  'retired',
] as const

export interface PolicyVersionRow {
  number: number
  status: (typeof policyStatuses)[number]
  title: string
  document: Json
  documentSha256: string
  author: string
  approver: string | null
  reason: string
  createdAt: Date
  activatedAt: Date | null
}

/** Policy versions below `before`, newest first; or those named by `numbers`. */
export const listPolicyVersions = statement<
  { workspaceId: number; before: number | null; numbers: number[] | null; limit: number },
  PolicyVersionRow
>(
  (arg) => sql`
    select number, status, title, document, document_sha256 as "documentSha256", author, approver,
      reason, created_at as "createdAt", activated_at as "activatedAt"
    from policy_version
    where workspace_id = ${arg.workspaceId}::int
      and (${arg.before}::int is null or number < ${arg.before}::int)
      and (${arg.numbers}::int[] is null or number = any(${arg.numbers}::int[]))
    order by number desc
    limit ${arg.limit}::int`,
)
