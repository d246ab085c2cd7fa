import { sql } from 'drizzle-orm'
import type { TraitState } from '../../core/model/trait.ts'
import { statement } from '../statement.ts'

/** A canonical profile with what its members' legal states add up to. */
export interface ProfileRow extends TraitState {
  id: string
  /** Ids of all profiles that count as this one, itself first. */
  members: string[]
  revision: number
  createdAt: Date
  updatedAt: Date
  legal: {
    restricted: boolean
    legalHold: boolean
    gpc: boolean
    erased: boolean
    minorBand: string | null
    jurisdiction: string | null
  }
}

/** The columns of ProfileRow; `p` is the canonical profile. */
export const profileColumns = sql`
  p.id, p.traits, p.provenance, p.revision::float8 as revision,
  p.created_at as "createdAt", p.updated_at as "updatedAt", m.members, l.legal`

/**
 * The members of profile `p`, and their standing: what restricts one of them restricts the person.
 * The index holds only members that are not themselves canonical, hence the array of two parts.
 */
export const profileJoins = sql`
  cross join lateral (
    select p.id || array(
      select m.id from profile m
      where m.workspace_id = p.workspace_id and m.canonical_id = p.id and m.canonical_id <> m.id
      order by m.id
    ) as members
  ) as m
  cross join lateral (
    select json_build_object(
      'restricted', coalesce(bool_or(s.restricted), false),
      'legalHold', coalesce(bool_or(s.legal_hold), false),
      'gpc', coalesce(bool_or(s.gpc), false),
      'erased', coalesce(bool_or(s.erased_at is not null), false),
      'minorBand', min(s.minor_band),
      'jurisdiction', min(s.jurisdiction)
    ) as legal
    from legal_state s
    where s.workspace_id = p.workspace_id and s.profile_id = any(m.members)
  ) as l`

/**
 * Canonical profiles by identifier or by the id of any member, many at once; `nth` says which was meant.
 * `wanted` is JSON: [{ nth, namespace, hash } | { nth, id }].
 */
export const findProfiles = statement<
  { workspaceId: number; wanted: string },
  ProfileRow & { nth: number }
>(
  (arg) => sql`
    select wanted.nth, ${profileColumns}
    from json_to_recordset(${arg.wanted}::text::json)
      as wanted (nth int, namespace text, hash uuid, id text)
    left join identifier i on i.workspace_id = ${arg.workspaceId}::int
      and i.namespace = wanted.namespace and i.hash = wanted.hash
    join profile seen on seen.workspace_id = ${arg.workspaceId}::int
      and seen.id = coalesce(i.profile_id, wanted.id)
    join profile p on p.workspace_id = seen.workspace_id and p.id = seen.canonical_id
    ${profileJoins}`,
)
