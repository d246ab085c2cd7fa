import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Notes where merged persons granted on one profile what they had refused on another: the grant is newer, and does
 * not stand, since it was given before anybody knew that they are one. `winners` are canonical profiles whose
 * members this transaction has united and holds. A pair is noted once.
 */
export const noteConflicts = statement<
  { workspaceId: number; winners: readonly string[]; at: string },
  { profileId: string; purpose: string; channel: string; grantId: string; refusalId: string }
>(
  (arg) => sql`
    with member as (
      select id, id as canonical from profile
      where workspace_id = ${arg.workspaceId}::int and id = any(${arg.winners}::text[])
      union all
      select id, canonical_id from profile
      where workspace_id = ${arg.workspaceId}::int and canonical_id = any(${arg.winners}::text[])
        and canonical_id <> id
    ), word as (
      select m.canonical, c.* from member m
      join consent_current c on c.workspace_id = ${arg.workspaceId}::int and c.profile_id = m.id
    )
    insert into consent_conflict (workspace_id, profile_id, grant_id, refusal_id, purpose, channel, found_at)
    select ${arg.workspaceId}::int, g.canonical, g.consent_id, r.consent_id, g.purpose, g.channel,
      ${arg.at}::timestamptz
    from word g join word r on r.canonical = g.canonical and r.profile_id <> g.profile_id
    where g.decision = 'granted' and r.decision <> 'granted' and g.collected_at > r.collected_at
      and (g.expires_at is null or g.expires_at > ${arg.at}::timestamptz)
      and (g.purpose = r.purpose or starts_with(g.purpose, r.purpose || '.')
        or starts_with(r.purpose, g.purpose || '.'))
      and (g.channel = r.channel or '*' in (g.channel, r.channel))
    on conflict do nothing
    returning profile_id as "profileId", purpose, channel, grant_id as "grantId",
      refusal_id as "refusalId"`,
)
