import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Lets one transaction at a time publish notices of a workspace. Ends with the transaction. */
export const lockNotices = statement<{ workspaceId: number }, { locked: string }>(
  (arg) => sql`select pg_advisory_xact_lock(1886350458, ${arg.workspaceId}::int)::text as locked`,
)
