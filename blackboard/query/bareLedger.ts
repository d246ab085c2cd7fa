import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Takes what names a person out of what is written once: of the proofs in the ledger stays what shows that consent
 * was given, of an approval who gave it and when.
 */
export const bareLedger = statement<
  { workspaceId: number; ids: readonly string[] },
  { consents: number; approvals: number }
>(
  (arg) => sql`
    select slateboard_bare_ledger(${arg.workspaceId}::int, ${arg.ids}::text[])::int as consents,
      slateboard_bare_approvals(${arg.workspaceId}::int, ${arg.ids}::text[])::int as approvals`,
)
