import { sql } from 'drizzle-orm/sql/sql'
import type { ConsentState } from '../../core/model/consent.ts'
import type { JsonObject } from '../../core/model/json.ts'
import type { Provenance } from '../../core/model/trait.ts'
import { statement } from '../statement.ts'

export interface SubjectRow {
  /** The profile that was asked for. */
  profileId: string
  canonical: string
  members: string[]
  mergedAt: Date | null
  traits: JsonObject
  provenance: Record<string, Provenance>
  revision: number
  createdAt: Date
  updatedAt: Date
  /** Sum over the members: moves on with every change of standing. */
  legalVersion: number
  legal: {
    profileId: string
    version: number
    restricted: boolean
    legalHold: boolean
    objections: string[]
    holds: { agent: string; purpose: string; reason: string }[]
    gpc: boolean
    minorBand: string | null
    jurisdiction: string | null
    erasedAt: string | null
  }[]
  consents: {
    id: string
    profileId: string
    purpose: string
    channel: string
    decision: ConsentState
    basis: string
    collectedAt: string
    expiresAt: string | null
    noticeId: string | null
    noticeVersion: string | null
    method: string | null
  }[]
}

/** Everything the gate asks of persons: who they count as, their standing, consents and open traits. */
export const loadSubjects = statement<{ workspaceId: number; ids: readonly string[] }, SubjectRow>(
  (arg) => sql`
    select named.id as "profileId", c.id as canonical, m.members,
      case when cardinality(m.members) > 1 then (
        select max(at) from change
        where workspace_id = c.workspace_id and profile_id = c.id and kind = 'merge') end as "mergedAt",
      c.traits, c.provenance, c.revision, c.created_at as "createdAt", c.updated_at as "updatedAt",
      coalesce(l.version, 0) as "legalVersion", coalesce(l.rows, '[]') as legal,
      coalesce(s.rows, '[]') as consents
    from profile named
    cross join lateral (
      select * from profile
      where workspace_id = named.workspace_id and id = named.canonical_id
      offset 0
    ) as c
    cross join lateral (
      select array_agg(id) as members from (
        select c.id union all
        select id from profile
        where workspace_id = c.workspace_id and canonical_id = c.id and canonical_id <> id) as all_of
    ) as m
    cross join lateral (
      select sum(version)::bigint as version, jsonb_agg(jsonb_build_object('profileId', profile_id,
        'version', version, 'restricted', restricted,
        'legalHold', legal_hold, 'objections', objections, 'holds', holds, 'gpc', gpc,
        'minorBand', minor_band, 'jurisdiction', jurisdiction, 'erasedAt', erased_at)) as rows
      from legal_state where workspace_id = c.workspace_id and profile_id = any(m.members)
    ) as l
    cross join lateral (
      select jsonb_agg(jsonb_build_object('id', said.id, 'profileId', said.profile_id,
        'purpose', said.purpose, 'channel', said.channel, 'decision', said.decision, 'basis', said.basis,
        'collectedAt', said.collected_at, 'expiresAt', said.expires_at,
        'noticeId', said.proof ->> 'noticeId', 'noticeVersion', said.proof ->> 'noticeVersion',
        'method', said.proof ->> 'method')) as rows
      from (
        select consent_id as id, profile_id, purpose, channel, decision, basis, collected_at, expires_at, proof
        from consent_current where workspace_id = c.workspace_id and profile_id = any(m.members)
        union all
        select consent_id, profile_id, purpose, channel, 'pending', 'consent', requested_at, expires_at, '{}'
        from consent_pending where workspace_id = c.workspace_id and profile_id = any(m.members)
      ) as said
    ) as s
    where named.workspace_id = ${arg.workspaceId}::int and named.id = any(${arg.ids}::text[])`,
)
