import { sql } from 'drizzle-orm/sql/sql'
import type { ConsentDecision, LawfulBasis } from '../../core/model/consent.ts'
import { statement } from '../statement.ts'

export interface WordsRow {
  profileId: string
  canonical: string
  /** When the canonical profile last took another in; null while nobody else belongs to it. */
  mergedAt: Date | null
  gpc: boolean
  jurisdiction: string | null
  words: {
    purpose: string
    channel: string
    decision: ConsentDecision
    basis: LawfulBasis
    method: string | null
    noticeId: string | null
    noticeVersion: string | null
    actor: string | null
    collectedAt: string
    expiresAt: string | null
  }[]
}

/** What persons last said about consent, per member of the canonical profiles, which the caller holds locked. */
export const loadWords = statement<{ workspaceId: number; ids: readonly string[] }, WordsRow>(
  (arg) => sql`
    with member as (
      select id, id as canonical from profile
      where workspace_id = ${arg.workspaceId}::int and id = any(${arg.ids}::text[])
      union all
      select id, canonical_id from profile
      where workspace_id = ${arg.workspaceId}::int and canonical_id = any(${arg.ids}::text[])
        and canonical_id <> id
    )
    select m.id as "profileId", m.canonical,
      case when m.id <> m.canonical then (
        select max(at) from change
        where workspace_id = ${arg.workspaceId}::int and profile_id = m.canonical
          and kind = 'merge') end as "mergedAt",
      coalesce(l.gpc, false) as gpc, l.jurisdiction,
      coalesce((
        select jsonb_agg(jsonb_build_object('purpose', c.purpose, 'channel', c.channel,
          'decision', c.decision, 'basis', c.basis, 'method', c.proof ->> 'method',
          'noticeId', c.proof ->> 'noticeId', 'noticeVersion', c.proof ->> 'noticeVersion',
          'actor', e.actor, 'collectedAt', c.collected_at, 'expiresAt', c.expires_at))
        from consent_current c
        left join consent_event e on e.workspace_id = c.workspace_id
          and e.profile_id = c.profile_id and e.id = c.consent_id
        where c.workspace_id = ${arg.workspaceId}::int and c.profile_id = m.id), '[]') as words
    from member m
    left join legal_state l on l.workspace_id = ${arg.workspaceId}::int and l.profile_id = m.id`,
)
