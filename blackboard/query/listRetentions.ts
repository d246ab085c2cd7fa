import { sql } from 'drizzle-orm/sql/sql'
import type { KeepReason } from '../../core/model/subjectRequest.ts'
import { statement } from '../statement.ts'

export interface Retention {
  id: string
  profileId: string
  receiptId: string
  requestId: string | null
  /** `trait:<key>` */
  part: string
  reason: KeepReason
  keptAt: Date
  endedAt: Date | null
  endedBy: string | null
  /** Its value is where it was put; not so after a backup was restored. */
  isThere: boolean
}

/** What is or was kept of erased persons, by the requests that asked or by their profiles; oldest first. */
export const listRetentions = statement<
  { workspaceId: number; requestIds: readonly string[]; profileIds: readonly string[] },
  Retention
>(
  (arg) => sql`
    select id, profile_id as "profileId", receipt_id as "receiptId", request_id as "requestId", part, reason,
      kept_at as "keptAt", ended_at as "endedAt", ended_by as "endedBy",
      exists (select from vault v
        where v.workspace_id = r.workspace_id and v.profile_id = r.id) as "isThere"
    from retention r
    where workspace_id = ${arg.workspaceId}::int and (
      request_id = any(${arg.requestIds}::text[]) or profile_id = any(${arg.profileIds}::text[]))
    order by id`,
)
