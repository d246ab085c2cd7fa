import { sql } from 'drizzle-orm/sql/sql'
import type { Json } from '../../core/model/json.ts'
import { statement } from '../statement.ts'

/** What the audit log says under one id, whether or not the entry has its place on the chain yet. */
export const findAudited = statement<
  { workspaceId: number; id: string },
  { action: string; object: string; payload: Json }
>(
  (arg) => sql`
    select action, object, payload from audit_inbox
    where workspace_id = ${arg.workspaceId}::int and id = ${arg.id}::text
    union all
    select action, object, payload::jsonb from audit_entry
    where workspace_id = ${arg.workspaceId}::int and id = ${arg.id}::text`,
)
