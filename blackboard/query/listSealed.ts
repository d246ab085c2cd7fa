import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Every sealed trait and identifier of persons, those of profiles merged into theirs included, with the wrapped
 * key that each is sealed under; events are left out.
 */
export const listSealed = statement<
  { workspaceId: number; ids: readonly string[] },
  { profileId: string; person: string; key: string; sealed: Buffer; wrapped: Buffer }
>(
  (arg) => sql`
    select v.profile_id as "profileId", member.person, v.key, v.sealed, k.wrapped
    from (
      select id, id as person from profile
      where workspace_id = ${arg.workspaceId}::int and id = any(${arg.ids}::text[])
      union
      select id, canonical_id from profile
      where workspace_id = ${arg.workspaceId}::int and canonical_id = any(${arg.ids}::text[])
    ) as member
    cross join lateral (
      select * from vault
      where workspace_id = ${arg.workspaceId}::int and profile_id = member.id
        and key not like 'event/%'
      offset 0
    ) as v
    cross join lateral (
      select wrapped from profile_key
      where workspace_id = ${arg.workspaceId}::int and profile_id = v.profile_id
      offset 0
    ) as k`,
)
