import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Notes down what is said of persons' ages, and what stands of it: what was declared before what follows from
 * dates, among these the youngest. `claims` is JSON: [{ profileId, by, declared, bornBefore, removed }], one a
 * profile and author. The rows exist. Moves the version on where anything changed, so that what was decided
 * before is decided again.
 */
export const claimAges = statement<
  { workspaceId: number; ids: readonly string[]; claims: string; at: string },
  { profileId: string }
>(
  (arg) => sql`
    with given as materialized (
      select "profileId" as id, by, removed, jsonb_build_object('by', by, 'declared', declared,
        'bornBefore', "bornBefore") as claim
      from json_to_recordset(${arg.claims}::text::json)
        as w ("profileId" text, by text, declared boolean, "bornBefore" text, removed boolean)
    ), locked as materialized (
      select profile_id as id, age_claims as before from legal_state
      where workspace_id = ${arg.workspaceId}::int and profile_id = any(${arg.ids}::text[])
      order by profile_id
      for update
    ), claimed as (
      select locked.id, (
        select coalesce(jsonb_agg(claim order by claim ->> 'by'), '[]') from (
          select old as claim from jsonb_array_elements(locked.before) as old
          where not exists (
            select from given where given.id = locked.id and given.by = old ->> 'by')
          union all
          select claim from given where given.id = locked.id and not removed) as each) as claims
      from locked
    ), standing as (
      select id, claims, (
        select case when count(*) = 0 then null
          when bool_and(each ->> 'bornBefore' is null) then 'adult'
          else 'born_before_' || max(each ->> 'bornBefore') end
        from jsonb_array_elements(claims) as each
        where (each ->> 'declared')::boolean or not exists (
          select from jsonb_array_elements(claims) as other where (other ->> 'declared')::boolean)
      ) as band
      from claimed
    )
    update legal_state l
    set age_claims = claims, minor_band = band, version = version + 1, updated_at = ${arg.at}::timestamptz
    from standing
    where l.workspace_id = ${arg.workspaceId}::int and l.profile_id = any(${arg.ids}::text[])
      and l.profile_id = standing.id and l.age_claims <> claims
    returning l.profile_id as "profileId"`,
)
