import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Puts back what a restored backup does not know of retentions; of one that has ended since, what it brought back goes. */
export const restoreRetentions = statement<{ workspaceId: number; retentions: string }, never>(
  (arg) => sql`
    with old as materialized (
      select * from json_to_recordset(${arg.retentions}::text::json) as old (id text, "profileId" text,
        "receiptId" text, "requestId" text, part text, reason text, "keptAt" timestamptz,
        "endedAt" timestamptz, "endedBy" text)
    ), value_gone as (
      delete from vault v using old
      where v.workspace_id = ${arg.workspaceId}::int and v.profile_id = old.id and old."endedAt" is not null
    ), key_gone as (
      delete from profile_key k using old
      where k.workspace_id = ${arg.workspaceId}::int and k.profile_id = old.id and old."endedAt" is not null
    )
    insert into retention as r (workspace_id, id, profile_id, receipt_id, request_id, part, reason,
      kept_at, ended_at, ended_by)
    select ${arg.workspaceId}::int, id, "profileId", "receiptId", "requestId", part, reason, "keptAt",
      "endedAt", "endedBy"
    from old order by id
    on conflict (workspace_id, id) do update
    set ended_at = excluded.ended_at, ended_by = excluded.ended_by
    where r.ended_at is null and excluded.ended_at is not null`,
)
