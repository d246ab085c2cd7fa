import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Who declared the ages of profiles, for what replaces all of it. Of the caller's lock on the profiles. */
export const listDeclaredAges = statement<
  { workspaceId: number; ids: readonly string[] },
  { profileId: string; by: string }
>(
  (arg) => sql`
    select profile_id as "profileId", claim ->> 'by' as by
    from legal_state cross join lateral jsonb_array_elements(age_claims) as claim
    where workspace_id = ${arg.workspaceId}::int and profile_id = any(${arg.ids}::text[])
      and (claim ->> 'declared')::boolean`,
)
