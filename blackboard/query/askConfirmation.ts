import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Appends grants that were asked for to the ledger, and keeps what each waits for. What stands is left alone. A
 * newer question takes the place of an older one about the same, so that one token counts at a time; one without
 * a token, of another platform, does not end a token that still counts.
 */
export const askConfirmation = statement<
  { workspaceId: number; words: string; receivedAt: string },
  never
>(
  (arg) => sql`
    with new as (
      select * from json_to_recordset(${arg.words}::text::json) as new ("profileId" text, id text,
        purpose text, channel text, proof jsonb, actor text, "collectedAt" timestamptz,
        "expiresAt" timestamptz, jurisdiction text, "confirmBy" timestamptz, "tokenHash" text, nth int)
    ), entry as (
      insert into consent_event (workspace_id, profile_id, id, purpose, channel, decision, basis, proof,
        actor, collected_at, received_at, expires_at, jurisdiction)
      select ${arg.workspaceId}::int, "profileId", id, purpose, channel, 'pending', 'consent', proof, actor,
        "collectedAt", ${arg.receivedAt}::timestamptz, "expiresAt", jurisdiction
      from new order by nth
    ), last as (
      select distinct on ("profileId", purpose, channel) *
      from new order by "profileId", purpose, channel, nth desc
    )
    insert into consent_pending as p (workspace_id, profile_id, purpose, channel, consent_id, requested_at,
      expires_at, token_hash)
    select ${arg.workspaceId}::int, "profileId", purpose, channel, id, ${arg.receivedAt}::timestamptz,
      "confirmBy", "tokenHash"
    from last
    on conflict (workspace_id, profile_id, purpose, channel) do update set
      consent_id = excluded.consent_id, requested_at = excluded.requested_at,
      expires_at = excluded.expires_at, token_hash = excluded.token_hash
    where excluded.token_hash is not null or p.token_hash is null
      or p.expires_at <= excluded.requested_at`,
)
