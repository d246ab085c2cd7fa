import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * What persons said is not theirs, on any profile that counts as them, and who has it: its home and what that counts
 * as, null where nobody has. `ids` are canonical profiles, which the caller holds.
 */
export const listDisowned = statement<
  { workspaceId: number; ids: readonly string[] },
  {
    profileId: string
    namespace: string
    hash: string
    home: string | null
    canonical: string | null
  }
>(
  (arg) => sql`
    with member as (
      select id as canonical, id from unnest(${arg.ids}::text[]) as id
      union all
      select canonical_id, id from profile
      where workspace_id = ${arg.workspaceId}::int and canonical_id = any(${arg.ids}::text[])
        and canonical_id <> id
    )
    select member.canonical as "profileId", d.namespace, d.hash, holder.home, holder.canonical
    from member
    cross join lateral (
      select namespace, hash from disowned
      where workspace_id = ${arg.workspaceId}::int and profile_id = member.id
      offset 0
    ) as d
    left join lateral (
      select i.profile_id as home, p.canonical_id as canonical
      from identifier i cross join lateral (
        select canonical_id from profile
        where workspace_id = ${arg.workspaceId}::int and id = i.profile_id
        offset 0
      ) as p
      where i.workspace_id = ${arg.workspaceId}::int and i.hash = d.hash and i.namespace = d.namespace
      offset 0
    ) as holder on true`,
)
