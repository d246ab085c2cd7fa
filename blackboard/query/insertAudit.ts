import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Appends chained entries. */
export const insertAudit = statement<{ workspaceId: number; entries: string }, never>(
  (arg) => sql`
    insert into audit_entry (workspace_id, seq, id, at, actor, action, object, payload, payload_hash,
      previous_hash, hash)
    select ${arg.workspaceId}::int, seq, id, at, actor, action, object, payload, "payloadHash",
      "previousHash", hash
    from json_to_recordset(${arg.entries}::text::json) as new (seq bigint, id text, at timestamptz,
      actor text, action text, object text, payload text, "payloadHash" text, "previousHash" text,
      hash text)`,
)
