import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Keeps the policy version that is in force so until the transaction ends; who puts another in force waits, by
 * the trigger `policy_version_meets_dispatches`. An advisory lock rather than the row's: every dispatch holds it,
 * and sharing a row writes it each time.
 */
export const holdPolicy = statement<{ workspaceId: number }, { held: string }>(
  (arg) =>
    sql`select pg_advisory_xact_lock_shared(1886350458, ${arg.workspaceId}::int)::text as held`,
)
