import { sql } from 'drizzle-orm/sql/sql'
import type { TraitState } from '../../core/model/trait.ts'
import { statement } from '../statement.ts'

/** One identifier; `value` is null where it lives in the vault. */
export interface IdentifierRow {
  /** The profile it was first seen on. */
  profileId: string
  namespace: string
  hash: string
  value: string | null
  /** RFC 3339. */
  firstSeenAt: string
}

/** A canonical profile with what its members' legal states add up to. */
export interface ProfileRow extends TraitState {
  id: string
  /** Ids of all profiles that count as this one, itself first. */
  members: string[]
  /** Of all members, oldest first. */
  identifiers: IdentifierRow[]
  revision: number
  createdAt: Date
  updatedAt: Date
  legal: {
    restricted: boolean
    legalHold: boolean
    gpc: boolean
    erased: boolean
    minorBand: string | null
    /** Null where members were placed apart. */
    jurisdiction: string | null
  }
}

/** The columns of ProfileRow; `p` is the canonical profile. */
export const profileColumns = sql`
  p.id, p.traits, p.provenance, p.revision::float8 as revision,
  p.created_at as "createdAt", p.updated_at as "updatedAt", m.members, n.identifiers, l.legal`

/**
 * The members of profile `p`, and their standing: what restricts one of them restricts the person.
 * The index holds only members that are not themselves canonical, hence the array of two parts. Identifiers
 * come along since nearly every reader asks for them: a statement of their own cost a quarter of the throughput.
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
    select coalesce(json_agg(json_build_object(
      'profileId', i.profile_id, 'namespace', i.namespace, 'hash', i.hash, 'value', i.value,
      'firstSeenAt', i.first_seen_at
    ) order by i.first_seen_at, i.namespace, i.hash), '[]') as identifiers
    from identifier i
    where i.workspace_id = p.workspace_id and i.profile_id = any(m.members)
  ) as n
  cross join lateral (
    select json_build_object(
      'restricted', coalesce(bool_or(s.restricted), false),
      'legalHold', coalesce(bool_or(s.legal_hold), false),
      'gpc', coalesce(bool_or(s.gpc), false),
      'erased', coalesce(bool_or(s.erased_at is not null), false),
      'minorBand', min(s.minor_band),
      'jurisdiction', case when min(s.jurisdiction) = max(s.jurisdiction) then min(s.jurisdiction) end
    ) as legal
    from legal_state s
    where s.workspace_id = p.workspace_id and s.profile_id = any(m.members)
  ) as l`

/**
 * Canonical profiles by identifier or by the id of any member, many at once; `nth` says which was meant.
 * `wanted` is JSON: [{ nth, hash } | { nth, id }]; a hash is made under its namespace's own key, so it names
 * the namespace too. `offset 0` keeps each step a look-up by key, whatever the planner thinks of the table.
 * The id is named by a step of its own: behind row-level security an expression that Postgres does not hold to
 * be leakproof, such as coalesce, is asked of each row rather than of the index.
 */
export const findProfiles = statement<
  { workspaceId: number; wanted: string },
  ProfileRow & { nth: number }
>(
  (arg) => sql`
    select wanted.nth, ${profileColumns}
    from json_to_recordset(${arg.wanted}::text::json)
      as wanted (nth int, hash uuid, id text)
    left join lateral (
      select profile_id from identifier
      where workspace_id = ${arg.workspaceId}::int and hash = wanted.hash
      offset 0
    ) as i on true
    cross join lateral (select coalesce(i.profile_id, wanted.id) as id offset 0) as named
    cross join lateral (
      select canonical_id from profile
      where workspace_id = ${arg.workspaceId}::int and id = named.id
      offset 0
    ) as seen
    cross join lateral (
      select * from profile
      where workspace_id = ${arg.workspaceId}::int and id = seen.canonical_id
      offset 0
    ) as p
    ${profileJoins}`,
)
