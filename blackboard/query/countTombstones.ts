import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** How many of the identifiers were erased and are not let in again. */
export const countTombstones = statement<
  { workspaceId: number; hashes: readonly string[] },
  { count: number }
>(
  (arg) => sql`
    select count(*)::int as count from tombstone
    where workspace_id = ${arg.workspaceId}::int and hash = any(${arg.hashes}::uuid[])
      and opened_at is null`,
)
