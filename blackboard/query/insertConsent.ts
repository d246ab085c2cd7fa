import { sql } from 'drizzle-orm'
import { statement } from '../statement.ts'

/** Appends to the consent ledger, and renews what currently stands unless something newer does. */
export const insertConsent = statement<
  {
    workspaceId: number
    profileId: string
    id: string
    purpose: string
    channel: string
    decision: string
    basis: string
    proof: string
    actor: string
    collectedAt: string
    receivedAt: string
    expiresAt: string | null
  },
  { current: boolean }
>(
  (arg) => sql`
    with entry as (
      insert into consent_event (workspace_id, profile_id, id, purpose, channel, decision, basis, proof,
        actor, collected_at, received_at, expires_at)
      values (${arg.workspaceId}::int, ${arg.profileId}, ${arg.id}, ${arg.purpose}, ${arg.channel},
        ${arg.decision}, ${arg.basis}, ${arg.proof}::text::jsonb, ${arg.actor},
        ${arg.collectedAt}::timestamptz, ${arg.receivedAt}::timestamptz, ${arg.expiresAt}::timestamptz)
      returning *
    ), latest as (
      insert into consent_current as c (workspace_id, profile_id, purpose, channel, consent_id, decision,
        basis, proof, collected_at, expires_at)
      select workspace_id, profile_id, purpose, channel, id, decision, basis, proof, collected_at, expires_at
      from entry
      on conflict (workspace_id, profile_id, purpose, channel) do update set
        consent_id = excluded.consent_id, decision = excluded.decision, basis = excluded.basis,
        proof = excluded.proof, collected_at = excluded.collected_at, expires_at = excluded.expires_at
      where c.collected_at <= excluded.collected_at
      returning 1
    )
    select exists (select from latest) as current from entry`,
)
