import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Forgets message keys that this transaction took for what it then did not store. */
export const releaseMessages = statement<{ workspaceId: number; keys: readonly string[] }, never>(
  (arg) => sql`
    delete from message
    where workspace_id = ${arg.workspaceId}::int and key = any(${arg.keys}::uuid[])`,
)
