import { sql } from 'drizzle-orm/sql/sql'
import type { Json, JsonObject } from '../../core/model/json.ts'
import type { Provenance } from '../../core/model/trait.ts'
import { statement } from '../statement.ts'

export interface SliceRow {
  profileId: string
  canonical: string
  legalVersion: number
  /** Per trait that stands: its value (null when it is in the vault or was removed) and where it came from. */
  slice: Record<string, [Json, Provenance]> | null
  createdAt: Date
  updatedAt: Date
  /** Of the profile or of one that counts as it. */
  restricted: boolean
  /** Likewise; null where they differ, as for every other reader. */
  jurisdiction: string | null
  /** Per purpose `granted` when a grant stands on any channel, else the newest decision. */
  consents: JsonObject | null
}

/** The named traits of profiles, and nothing else of them. `keys` holds a JSON array of keys per id. */
export const loadSlices = statement<
  { workspaceId: number; ids: readonly string[]; keys: readonly string[] },
  SliceRow
>(
  (arg) => sql`
    select p.id as "profileId", p.canonical_id as canonical, coalesce(l.version, 0) as "legalVersion",
      p.created_at as "createdAt", p.updated_at as "updatedAt",
      coalesce(l.restricted or l.legal_hold, false) or coalesce(merged.restricted, false) as restricted,
      case when least(l.jurisdiction, merged.first) = greatest(l.jurisdiction, merged.last)
        then least(l.jurisdiction, merged.first) end as jurisdiction,
      (select jsonb_object_agg(k, jsonb_build_array(stored.traits -> k, stored.provenance -> k))
       -- Taken out of its storage once, and not for each key: what has many traits is compressed there.
       from (select p.traits || '{}' as traits, p.provenance || '{}' as provenance offset 0) as stored
       cross join jsonb_array_elements_text(wanted.keys::jsonb) as k
       where stored.provenance ? k) as slice,
      (select jsonb_object_agg(purpose, decision) from (
        select distinct on (c.purpose) c.purpose, c.decision
        from consent_current c
        where c.workspace_id = p.workspace_id and c.profile_id in (
          select p.id union all
          select member.id from profile member
          where member.workspace_id = p.workspace_id and member.canonical_id = p.id
            and member.canonical_id <> member.id)
        order by c.purpose, (c.decision = 'granted') desc, c.collected_at desc) as latest
      ) as consents
    from unnest(${arg.ids}::text[], ${arg.keys}::text[]) as wanted (id, keys)
    join profile p on p.workspace_id = ${arg.workspaceId}::int and p.id = any(${arg.ids}::text[])
      and p.id = wanted.id
    left join legal_state l on l.workspace_id = p.workspace_id and l.profile_id = p.id
    cross join lateral (
      select bool_or(m.restricted or m.legal_hold) as restricted, min(m.jurisdiction) as first,
        max(m.jurisdiction) as last
      from profile member
      join legal_state m on m.workspace_id = member.workspace_id and m.profile_id = member.id
      where member.workspace_id = p.workspace_id and member.canonical_id = p.id
        and member.canonical_id <> member.id
    ) as merged`,
)
