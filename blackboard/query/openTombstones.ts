import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Lets a person in again from a time on: by every identifier that was erased together with the given one, since who
 * comes back comes with the address and the user id alike. Returns a row for each.
 */
export const openTombstones = statement<
  { workspaceId: number; hash: string; at: string; by: string },
  { receiptId: string }
>(
  (arg) => sql`
    update tombstone t
    set opened_at = ${arg.at}::timestamptz, opened_by = ${arg.by}
    from (
      select receipt_id from tombstone
      where workspace_id = ${arg.workspaceId}::int and hash = ${arg.hash}::uuid and opened_at is null
    ) as named
    where t.workspace_id = ${arg.workspaceId}::int and t.receipt_id = named.receipt_id
      and t.opened_at is null
    returning t.receipt_id as "receiptId"`,
)
