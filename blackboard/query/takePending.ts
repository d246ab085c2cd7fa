import { sql } from 'drizzle-orm/sql/sql'
import type { ConsentProof } from '../../core/model/consent.ts'
import { statement } from '../statement.ts'

export interface PendingRow {
  consentId: string
  purpose: string
  channel: string
  proof: ConsentProof
  actor: string
  requestedAt: Date
  expiresAt: Date | null
  jurisdiction: string | null
}

/** Ends the wait of the one grant that a token confirms, once, and gives the word that asked for it. */
export const takePending = statement<
  { workspaceId: number; profileId: string; tokenHash: string; at: string },
  PendingRow
>(
  (arg) => sql`
    delete from consent_pending p using consent_event e
    where p.workspace_id = ${arg.workspaceId}::int and p.profile_id = ${arg.profileId}
      and p.token_hash = ${arg.tokenHash} and p.expires_at > ${arg.at}::timestamptz
      and e.workspace_id = p.workspace_id and e.profile_id = p.profile_id and e.id = p.consent_id
    returning p.consent_id as "consentId", p.purpose, p.channel, e.proof, e.actor,
      p.requested_at as "requestedAt", e.expires_at as "expiresAt", e.jurisdiction`,
)
