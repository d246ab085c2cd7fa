import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * The version of each profile's legal standing; a missing row counts as 0. Whoever changes it locks the
 * profile first, so under that lock the answer holds until the end of the transaction.
 */
export const findLegalVersions = statement<
  { workspaceId: number; ids: readonly string[] },
  { profileId: string; version: number }
>(
  (arg) => sql`
    select profile_id as "profileId", version from legal_state
    where workspace_id = ${arg.workspaceId}::int and profile_id = any(${arg.ids}::text[])`,
)
