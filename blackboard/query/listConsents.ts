import { sql } from 'drizzle-orm/sql/sql'
import type { ConsentDecision, ConsentProof, LawfulBasis } from '../../core/model/consent.ts'
import { statement } from '../statement.ts'

/** The current word per purpose and channel, of every member of the profiles. */
export const listConsents = statement<
  { workspaceId: number; profileIds: string[] },
  {
    profileId: string
    id: string
    purpose: string
    channel: string
    decision: ConsentDecision
    basis: LawfulBasis
    proof: ConsentProof
    collectedAt: Date
    expiresAt: Date | null
  }
>(
  (arg) => sql`
    select profile_id as "profileId", consent_id as id, purpose, channel, decision, basis, proof,
      collected_at as "collectedAt", expires_at as "expiresAt"
    from consent_current
    where workspace_id = ${arg.workspaceId}::int and profile_id = any(${arg.profileIds}::text[])
    order by purpose, channel, consent_id`,
)
