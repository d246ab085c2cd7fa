import { sql } from 'drizzle-orm/sql/sql'
import type { SubjectRow } from './loadSubjects.ts'
import { statement } from '../statement.ts'

/** Entries of the ledger as they were written, whatever stands by now. */
export const listConsentEvents = statement<
  { workspaceId: number; profileIds: readonly string[]; ids: readonly string[] },
  SubjectRow['consents'][number]
>(
  (arg) => sql`
    select id, profile_id as "profileId", purpose, channel, decision, basis,
      to_jsonb(collected_at) #>> '{}' as "collectedAt", to_jsonb(expires_at) #>> '{}' as "expiresAt",
      proof ->> 'method' as method
    from consent_event
    where workspace_id = ${arg.workspaceId}::int and profile_id = any(${arg.profileIds}::text[])
      and id = any(${arg.ids}::text[])`,
)
