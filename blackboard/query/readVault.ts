import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Sealed values with the wrapped key of the profile each is sealed under. A value whose key was destroyed
 * is not returned. `places` is JSON: [{ profileId, key }].
 */
export const readVault = statement<
  { workspaceId: number; places: string },
  { profileId: string; key: string; sealed: Buffer; wrapped: Buffer }
>(
  (arg) => sql`
    select v.profile_id as "profileId", v.key, v.sealed, k.wrapped
    from json_to_recordset(${arg.places}::text::json) as wanted ("profileId" text, key text)
    cross join lateral (
      select * from vault
      where workspace_id = ${arg.workspaceId}::int and profile_id = wanted."profileId"
        and key = wanted.key
      offset 0
    ) as v
    cross join lateral (
      select wrapped from profile_key
      where workspace_id = ${arg.workspaceId}::int and profile_id = wanted."profileId"
      offset 0
    ) as k`,
)
