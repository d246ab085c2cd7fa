import { sql } from 'drizzle-orm/sql/sql'
import { acrossWorkspaces } from '../statement.ts'

/** Open requests, and those of them that are late, or will be soon: to be answered, or to be acknowledged. */
export const countSubjectRequests = acrossWorkspaces<
  { now: string },
  { open: number; due_soon: number; overdue: number; unacknowledged: number }
>(
  (arg) => sql`
    select count(*)::int as open,
      count(*) filter (where due_at >= ${arg.now}::timestamptz
        and subject_request_warns_at(received_at, due_at) <= ${arg.now}::timestamptz)::int as due_soon,
      count(*) filter (where due_at < ${arg.now}::timestamptz)::int as overdue,
      count(*) filter (where acknowledged_at is null
        and acknowledge_by < ${arg.now}::timestamptz)::int as unacknowledged
    from subject_request
    where state in ('received', 'identity_unverified', 'in_progress')`,
)
