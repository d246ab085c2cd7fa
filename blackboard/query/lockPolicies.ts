import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Lets one transaction at a time move the policy versions of a workspace. Ends with the transaction. */
export const lockPolicies = statement<{ workspaceId: number }, { locked: string }>(
  (arg) => sql`select pg_advisory_xact_lock(1886350457, ${arg.workspaceId}::int)::text as locked`,
)
