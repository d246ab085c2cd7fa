import { sql } from 'drizzle-orm/sql/sql'
import type { ConsentState } from '../../core/model/consent.ts'
import { statement } from '../statement.ts'

/** One line of the ledger, as far as a repetition is known by it. */
export interface LedgerRow {
  profileId: string
  purpose: string
  channel: string
  decision: ConsentState
  actor: string
  method: string | null
  collectedAt: Date
}

/** All that profiles ever said about consent. */
export const listLedger = statement<{ workspaceId: number; ids: readonly string[] }, LedgerRow>(
  (arg) => sql`
    select profile_id as "profileId", purpose, channel, decision, actor, proof ->> 'method' as method,
      collected_at as "collectedAt"
    from consent_event
    where workspace_id = ${arg.workspaceId}::int and profile_id = any(${arg.ids}::text[])`,
)
