import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * As `insertConsent`, for the words of many that clients said for themselves: no guardian's grant is among them. All
 * of them go into the ledger in their order; of several about one thing the last is what currently stands. One that
 * is `late` goes into the ledger alone.
 */
export const insertConsents = statement<
  { workspaceId: number; words: string; receivedAt: string },
  never
>(
  (arg) => sql`
    with new as (
      select * from json_to_recordset(${arg.words}::text::json) as new ("profileId" text, id text,
        purpose text, channel text, decision text, proof jsonb, actor text,
        "collectedAt" timestamptz, "expiresAt" timestamptz, jurisdiction text, latest boolean,
        late boolean, nth int)
    ), entry as (
      insert into consent_event (workspace_id, profile_id, id, purpose, channel, decision, basis, proof,
        actor, collected_at, received_at, expires_at, jurisdiction)
      select ${arg.workspaceId}::int, "profileId", id, purpose, channel, decision, 'consent', proof, actor,
        "collectedAt", ${arg.receivedAt}::timestamptz, "expiresAt", jurisdiction
      from new order by nth
    ), ended as (
      delete from consent_current c using new
      where new.decision <> 'granted' and c.workspace_id = ${arg.workspaceId}::int
        and c.profile_id = new."profileId" and c.purpose = new.purpose and c.channel = new.channel
        and c.guardian and (new.latest or c.collected_at <= new."collectedAt")
    ), last as (
      select distinct on ("profileId", purpose, channel) *
      from new where not late order by "profileId", purpose, channel, nth desc
    )
    insert into consent_current as c (workspace_id, profile_id, purpose, channel, guardian, consent_id,
      decision, basis, proof, collected_at, expires_at, jurisdiction)
    select ${arg.workspaceId}::int, "profileId", purpose, channel, false, id, decision, 'consent', proof,
      "collectedAt", "expiresAt", jurisdiction
    from last
    where not exists (
      select from consent_current k
      where k.workspace_id = ${arg.workspaceId}::int and k.profile_id = last."profileId"
        and k.purpose = last.purpose and k.channel = last.channel and not k.guardian and not (last.latest
          or k.collected_at < last."collectedAt"
          or (k.collected_at = last."collectedAt"
            and (last.decision <> 'granted' or k.decision = 'granted'))))
    on conflict (workspace_id, profile_id, purpose, channel, guardian) do update set
      consent_id = excluded.consent_id, decision = excluded.decision, basis = excluded.basis,
      proof = excluded.proof, collected_at = excluded.collected_at, expires_at = excluded.expires_at,
      jurisdiction = excluded.jurisdiction`,
)
