import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

export interface AuditRow {
  seq: number
  id: string
  at: Date
  actor: string
  action: string
  object: string
  payload: string
  payloadHash: string
  previousHash: string
  hash: string
}

/** Chained entries after a position, in order. */
export const readAudit = statement<{ workspaceId: number; after: number; limit: number }, AuditRow>(
  (arg) => sql`
    select seq, id, at, actor, action, object, payload, payload_hash as "payloadHash",
      previous_hash as "previousHash", hash
    from audit_entry
    where workspace_id = ${arg.workspaceId}::int and seq > ${arg.after}::bigint
    order by seq limit ${arg.limit}::int`,
)
