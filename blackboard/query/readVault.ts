import { sql } from 'drizzle-orm'
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
    join vault v on v.workspace_id = ${arg.workspaceId}::int
      and v.profile_id = wanted."profileId" and v.key = wanted.key
    join profile_key k on k.workspace_id = v.workspace_id and k.profile_id = v.profile_id`,
)
