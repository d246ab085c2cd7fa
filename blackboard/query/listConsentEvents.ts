import { sql } from 'drizzle-orm/sql/sql'
import type { SubjectRow } from './loadSubjects.ts'
import { statement } from '../statement.ts'

/**
 * Entries of the ledger as they were written, whatever stands by now. One that waits counts from when it was asked
 * for, for the seven days of `confirmBy`.
 */
export const listConsentEvents = statement<
  { workspaceId: number; profileIds: readonly string[]; ids: readonly string[] },
  SubjectRow['consents'][number]
>(
  (arg) => sql`
    select id, profile_id as "profileId", purpose, channel, decision, basis,
      to_jsonb(case decision when 'pending' then received_at else collected_at end) #>> '{}' as "collectedAt",
      to_jsonb(case decision when 'pending' then received_at + interval '168 hours' else expires_at end)
        #>> '{}' as "expiresAt",
      proof ->> 'noticeId' as "noticeId", proof ->> 'noticeVersion' as "noticeVersion",
      proof ->> 'method' as method
    from consent_event
    where workspace_id = ${arg.workspaceId}::int and profile_id = any(${arg.profileIds}::text[])
      and id = any(${arg.ids}::text[])`,
)
