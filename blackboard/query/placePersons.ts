import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Says where persons are, on every profile that counts as them, so that members agree. Nobody is moved by a worse
 * source than the one that placed them (declared, then trait, then event), and nothing is locked or written that
 * says so already. `places` is JSON: [{ profileId, jurisdiction, source }] of canonical profiles, which the caller
 * holds; no jurisdiction with no source takes back what was said. Returns the persons that were moved.
 */
export const placePersons = statement<
  { workspaceId: number; places: string; at: string },
  { profileId: string }
>(
  (arg) => sql`
    with wanted as (
      select "profileId" as canonical, jurisdiction, source,
        case source when 'event' then 1 when 'trait' then 2 else 3 end as rank
      from json_to_recordset(${arg.places}::text::json)
        as new ("profileId" text, jurisdiction text, source text)
    ), member as (
      select w.*, w.canonical as id from wanted w
      union all
      select w.*, p.id from wanted w
      join profile p on p.workspace_id = ${arg.workspaceId}::int and p.canonical_id = w.canonical
        and p.canonical_id <> p.id
    ), known as (
      select m.*, l.jurisdiction as before, l.jurisdiction_source as by,
        case when l.jurisdiction is null then 0
          else case l.jurisdiction_source when 'event' then 1 when 'trait' then 2 else 3 end end as standing
      from member m
      left join legal_state l on l.workspace_id = ${arg.workspaceId}::int and l.profile_id = m.id
    ), moving as (
      select canonical from known group by canonical
      having max(standing) <= max(rank)
        and bool_or(before is distinct from jurisdiction or by is distinct from source)
    ), moved as (
      insert into legal_state (workspace_id, profile_id, jurisdiction, jurisdiction_source, updated_at)
      select ${arg.workspaceId}::int, known.id, known.jurisdiction, known.source, ${arg.at}::timestamptz
      from known join moving using (canonical)
      order by known.id
      on conflict (workspace_id, profile_id) do update
      set jurisdiction = excluded.jurisdiction, jurisdiction_source = excluded.jurisdiction_source,
        version = legal_state.version + 1, updated_at = excluded.updated_at
    )
    select canonical as "profileId" from moving`,
)
