import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Notes that persons sent Global Privacy Control. Their legal state exists, and this transaction has moved it on. */
export const markOptedOut = statement<{ workspaceId: number; ids: readonly string[] }, never>(
  (arg) => sql`
    update legal_state set gpc = true
    where workspace_id = ${arg.workspaceId}::int and profile_id = any(${arg.ids}::text[])`,
)
