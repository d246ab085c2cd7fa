import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Appends to the consent ledger, and renews what currently stands unless something newer does. Of two words
 * of the same moment the refusal stands. With `latest` the word is known to be the last whatever the clocks
 * of two nodes say: what was refused just now must not lose to a grant stamped by a clock ahead of ours.
 */
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
    jurisdiction: string | null
    latest: boolean
  },
  { current: boolean }
>(
  (arg) => sql`
    with entry as (
      insert into consent_event (workspace_id, profile_id, id, purpose, channel, decision, basis, proof,
        actor, collected_at, received_at, expires_at, jurisdiction)
      values (${arg.workspaceId}::int, ${arg.profileId}, ${arg.id}, ${arg.purpose}, ${arg.channel},
        ${arg.decision}, ${arg.basis}, ${arg.proof}::text::jsonb, ${arg.actor},
        ${arg.collectedAt}::timestamptz, ${arg.receivedAt}::timestamptz, ${arg.expiresAt}::timestamptz,
        ${arg.jurisdiction})
      returning *
    ), latest as (
      insert into consent_current as c (workspace_id, profile_id, purpose, channel, consent_id, decision,
        basis, proof, collected_at, expires_at, jurisdiction)
      select workspace_id, profile_id, purpose, channel, id, decision, basis, proof, collected_at,
        expires_at, jurisdiction
      from entry
      on conflict (workspace_id, profile_id, purpose, channel) do update set
        consent_id = excluded.consent_id, decision = excluded.decision, basis = excluded.basis,
        proof = excluded.proof, collected_at = excluded.collected_at, expires_at = excluded.expires_at,
        jurisdiction = excluded.jurisdiction
      where ${arg.latest}::boolean or c.collected_at < excluded.collected_at
        or (c.collected_at = excluded.collected_at
          and (excluded.decision <> 'granted' or c.decision = 'granted'))
      returning 1
    )
    select exists (select from latest) as current from entry`,
)
