import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** A row when one of the profiles is under legal hold. Locks nothing: who sets a hold locks the profiles. */
export const findLegalHold = statement<
  { workspaceId: number; ids: readonly string[] },
  { held: true }
>(
  (arg) => sql`
    select true as held from legal_state
    where workspace_id = ${arg.workspaceId}::int and profile_id = any(${arg.ids}::text[])
      and legal_hold
    limit 1`,
)
