import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Puts entries into the audit inbox in the transaction of the act they tell of. `payload` holds ids, keys,
 * counts and codes, never a person's data.
 */
export const appendAudit = statement<{ workspaceId: number; entries: string }, never>(
  (arg) => sql`
    insert into audit_inbox (workspace_id, id, at, actor, action, object, payload)
    select ${arg.workspaceId}::int, id, at, actor, action, object, payload
    from json_to_recordset(${arg.entries}::text::json) as new (id text, at timestamptz, actor text, action text, object text, payload jsonb)`,
)
