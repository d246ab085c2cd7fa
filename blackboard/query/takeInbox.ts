import { sql } from 'drizzle-orm/sql/sql'
import type { Json } from '../../core/model/json.ts'
import { statement } from '../statement.ts'

export interface InboxRow {
  workspaceId: number
  id: string
  at: Date
  actor: string
  action: string
  object: string
  payload: Json
}

/** Takes the oldest entries of a workspace out of the inbox. The caller holds the chain's lock. */
export const takeInbox = statement<{ workspaceId: number; limit: number }, InboxRow>(
  (arg) => sql`
    delete from audit_inbox i
    using (
      select workspace_id, id from audit_inbox where workspace_id = ${arg.workspaceId}::int
      order by id limit ${arg.limit}::int
    ) as oldest
    where i.workspace_id = oldest.workspace_id and i.id = oldest.id
    returning i.workspace_id as "workspaceId", i.id, i.at, i.actor, i.action, i.object, i.payload`,
)
