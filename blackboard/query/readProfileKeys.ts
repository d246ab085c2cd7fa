import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** The wrapped data keys of profiles; none for one whose key was destroyed. */
export const readProfileKeys = statement<
  { workspaceId: number; profileIds: readonly string[] },
  { profileId: string; wrapped: Buffer }
>(
  (arg) => sql`
    select profile_id as "profileId", wrapped from profile_key
    where workspace_id = ${arg.workspaceId}::int and profile_id = any(${arg.profileIds}::text[])`,
)
