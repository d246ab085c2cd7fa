import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Writes a request that the transaction has locked. What it asks, and since when, is not among the columns. */
export const updateSubjectRequest = statement<
  {
    workspaceId: number
    id: string
    state: string
    acknowledgedAt: string | null
    dueAt: string
    extensionReason: string | null
    extendedAt: string | null
    verification: string
    refusals: string
    acts: number
    warnedAt: string | null
    overdueAt: string | null
    finishedAt: string | null
  },
  never
>(
  (arg) => sql`
    update subject_request
    set state = ${arg.state}, acknowledged_at = ${arg.acknowledgedAt}::timestamptz,
      due_at = ${arg.dueAt}::timestamptz, extension_reason = ${arg.extensionReason},
      extended_at = ${arg.extendedAt}::timestamptz, verification = ${arg.verification},
      refusals = ${arg.refusals}::text::jsonb, acts = ${arg.acts}::int,
      warned_at = ${arg.warnedAt}::timestamptz,
      overdue_at = ${arg.overdueAt}::timestamptz, finished_at = ${arg.finishedAt}::timestamptz
    where workspace_id = ${arg.workspaceId}::int and id = ${arg.id}`,
)
