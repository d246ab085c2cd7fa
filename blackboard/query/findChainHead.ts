import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

export const findChainHead = statement<{ workspaceId: number }, { seq: number; hash: string }>(
  (arg) => sql`
    select seq, hash from audit_entry
    where workspace_id = ${arg.workspaceId}::int order by seq desc limit 1`,
)
