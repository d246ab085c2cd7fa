import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Appends to the consent ledger, and renews what currently stands unless something newer does. Of two words
 * of the same moment the refusal stands. With `latest` the word is known to be the last whatever the clocks
 * of two nodes say: what was refused just now must not lose to a grant stamped by a clock ahead of ours.
 *
 * A guardian's grant (`guardian`) stands beside the person's own word, so that a later grant of their own takes
 * nothing away. A refusal, whoever says it, ends a guardian's grant that is no newer; none given before a refusal
 * comes to stand after it.
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
    guardian: boolean
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
    ), ended as (
      delete from consent_current c using entry e
      where e.decision <> 'granted' and c.workspace_id = e.workspace_id and c.profile_id = e.profile_id
        and c.purpose = e.purpose and c.channel = e.channel and c.guardian
        and (${arg.latest}::boolean or c.collected_at <= e.collected_at)
      returning 1
    ), latest as (
      insert into consent_current as c (workspace_id, profile_id, purpose, channel, guardian, consent_id,
        decision, basis, proof, collected_at, expires_at, jurisdiction)
      select workspace_id, profile_id, purpose, channel, ${arg.guardian}::boolean, id, decision, basis, proof,
        collected_at, expires_at, jurisdiction
      from entry
      where not ${arg.guardian}::boolean or not exists (
        select from consent_event r
        where r.workspace_id = entry.workspace_id and r.profile_id = entry.profile_id
          and r.purpose = entry.purpose and r.channel = entry.channel
          and r.decision in ('denied', 'withdrawn') and r.collected_at >= entry.collected_at)
      on conflict (workspace_id, profile_id, purpose, channel, guardian) do update set
        consent_id = excluded.consent_id, decision = excluded.decision, basis = excluded.basis,
        proof = excluded.proof, collected_at = excluded.collected_at, expires_at = excluded.expires_at,
        jurisdiction = excluded.jurisdiction
      where ${arg.latest}::boolean or c.collected_at < excluded.collected_at
        or (c.collected_at = excluded.collected_at
          and (excluded.decision <> 'granted' or c.decision = 'granted'))
      returning 1
    )
    select exists (select from latest) or exists (select from ended) as current from entry`,
)
