import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Notes what is kept of a person who was erased; what is noted already stays as it is. */
export const insertRetentions = statement<{ workspaceId: number; retentions: string }, never>(
  (arg) => sql`
    insert into retention
      (workspace_id, id, profile_id, receipt_id, request_id, part, reason, kept_at)
    select ${arg.workspaceId}::int, id, "profileId", "receiptId", "requestId", part, reason, "keptAt"
    from json_to_recordset(${arg.retentions}::text::json) as new (id text, "profileId" text,
      "receiptId" text, "requestId" text, part text, reason text, "keptAt" timestamptz)
    order by id
    on conflict (workspace_id, id) do nothing`,
)
