import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Hashes of the chained entries after a position, in order. */
export const listHashes = statement<
  { workspaceId: number; after: number; limit: number },
  { seq: number; hash: string }
>(
  (arg) => sql`
    select seq, hash from audit_entry
    where workspace_id = ${arg.workspaceId}::int and seq > ${arg.after}::bigint
    order by seq limit ${arg.limit}::int`,
)
