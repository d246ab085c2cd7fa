import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Persons of whom something stands although they were erased, as after a restored backup: by an identifier that
 * has a tombstone and was not seen since that was opened, or by rows under a profile that a receipt names.
 */
export const findRisen = statement<{ workspaceId: number }, { profileId: string }>(
  (arg) => sql`
    with risen as (
      select i.profile_id as id
      from tombstone t
      cross join lateral (
        select profile_id, first_seen_at from identifier
        where workspace_id = t.workspace_id and hash = t.hash and namespace = t.namespace
        offset 0
      ) as i
      where t.workspace_id = ${arg.workspaceId}::int
        and (t.opened_at is null or i.first_seen_at <= t.opened_at)
      union
      select member
      from erasure_receipt r
      cross join lateral unnest(r.members) as member
      where r.workspace_id = ${arg.workspaceId}::int and (
        exists (select from profile_key k
          where k.workspace_id = r.workspace_id and k.profile_id = member)
        or exists (select from identifier i
          where i.workspace_id = r.workspace_id and i.profile_id = member)
        or exists (select from event e
          where e.workspace_id = r.workspace_id and e.profile_id = member)
        or exists (select from vault v
          where v.workspace_id = r.workspace_id and v.profile_id = member)
        or exists (select from change c
          where c.workspace_id = r.workspace_id and c.profile_id = member)
        or exists (select from profile p
          where p.workspace_id = r.workspace_id and p.id = member and p.erased_at is null))
    )
    select distinct p.canonical_id as "profileId"
    from risen cross join lateral (
      select canonical_id from profile
      where workspace_id = ${arg.workspaceId}::int and id = risen.id
      offset 0
    ) as p
    order by 1`,
)
