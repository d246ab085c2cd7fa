import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** What merges brought together and no word has settled since: both words still stand, and none is newer. */
export const listConflicts = statement<
  { workspaceId: number; profileIds: readonly string[] },
  {
    profileId: string
    purpose: string
    channel: string
    grantId: string
    refusalId: string
    foundAt: Date
  }
>(
  (arg) => sql`
    select k.profile_id as "profileId", k.purpose, k.channel, k.grant_id as "grantId",
      k.refusal_id as "refusalId", k.found_at as "foundAt"
    from consent_conflict k
    where k.workspace_id = ${arg.workspaceId}::int and k.profile_id = any(${arg.profileIds}::text[])
      and 2 = (
        select count(*) from consent_current c
        where c.workspace_id = k.workspace_id and c.profile_id = any(${arg.profileIds}::text[])
          and c.consent_id in (k.grant_id, k.refusal_id))
      and not exists (
        select from consent_current c
        where c.workspace_id = k.workspace_id and c.profile_id = any(${arg.profileIds}::text[])
          and c.profile_id in (
            select p.id from profile p
            where p.workspace_id = k.workspace_id and (p.id = k.profile_id or p.canonical_id = k.profile_id))
          and c.collected_at > k.found_at
          and (c.purpose = k.purpose or starts_with(k.purpose, c.purpose || '.'))
          and c.channel in ('*', k.channel))
    order by k.found_at, k.purpose, k.channel`,
)
