import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Takes what names a person out of the proofs in the ledger; what shows that consent was given stays. */
export const bareLedger = statement<
  { workspaceId: number; ids: readonly string[] },
  { count: number }
>(
  (arg) => sql`
    select slateboard_bare_ledger(${arg.workspaceId}::int, ${arg.ids}::text[])::int as count`,
)
