import { sql } from 'drizzle-orm'
import { statement } from '../statement.ts'

/**
 * Tells of acts in the transaction of the acts themselves. `entries` is JSON:
 * [{ id, at, actor, action, object, payload }]; a payload carries ids and counts, never personal data.
 */
export const appendAudit = statement<{ workspaceId: number; entries: string }, never>(
  (arg) => sql`
    insert into audit_inbox (workspace_id, id, at, actor, action, object, payload)
    select ${arg.workspaceId}::int, id, at, actor, action, object, payload
    from json_to_recordset(${arg.entries}::text::json) as new
      (id text, at timestamptz, actor text, action text, object text, payload jsonb)`,
)
