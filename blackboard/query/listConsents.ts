import { sql } from 'drizzle-orm/sql/sql'
import type { ConsentProof, ConsentState, LawfulBasis } from '../../core/model/consent.ts'
import { statement } from '../statement.ts'

/** The current word per purpose and channel, of every member of the profiles; and what waits to be confirmed. */
export const listConsents = statement<
  { workspaceId: number; profileIds: string[]; at: string },
  {
    profileId: string
    id: string
    purpose: string
    channel: string
    decision: ConsentState
    basis: LawfulBasis
    proof: ConsentProof
    collectedAt: Date
    expiresAt: Date | null
    jurisdiction: string | null
  }
>(
  (arg) => sql`
    select profile_id as "profileId", consent_id as id, purpose, channel, decision, basis, proof,
      collected_at as "collectedAt", expires_at as "expiresAt", jurisdiction
    from consent_current
    where workspace_id = ${arg.workspaceId}::int and profile_id = any(${arg.profileIds}::text[])
    union all
    select p.profile_id, p.consent_id, p.purpose, p.channel, 'pending', e.basis, e.proof, p.requested_at,
      p.expires_at, e.jurisdiction
    from consent_pending p
    join consent_event e on e.workspace_id = p.workspace_id and e.profile_id = p.profile_id
      and e.id = p.consent_id
    where p.workspace_id = ${arg.workspaceId}::int and p.profile_id = any(${arg.profileIds}::text[])
      and p.expires_at > ${arg.at}::timestamptz
    order by purpose, channel, id`,
)
