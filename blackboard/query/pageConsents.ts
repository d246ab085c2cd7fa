import { sql } from 'drizzle-orm/sql/sql'
import type { ConsentProof } from '../../core/model/consent.ts'
import { statement } from '../statement.ts'

/** The next entries of one profile's consent ledger, oldest first. */
export const pageConsents = statement<
  { workspaceId: number; profileId: string; after: string; limit: number },
  {
    id: string
    purpose: string
    channel: string
    decision: string
    basis: string
    proof: ConsentProof
    actor: string
    collectedAt: Date
    receivedAt: Date
    expiresAt: Date | null
  }
>(
  (arg) => sql`
    select id, purpose, channel, decision, basis, proof, actor, collected_at as "collectedAt",
      received_at as "receivedAt", expires_at as "expiresAt"
    from consent_event
    where workspace_id = ${arg.workspaceId}::int and profile_id = ${arg.profileId}
      and id > ${arg.after}::text collate "C"
    order by id
    limit ${arg.limit}::int`,
)
