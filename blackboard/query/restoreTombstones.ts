import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Puts an erasure back that a restored backup does not know: its receipt and its tombstones, opened or not. */
export const restoreTombstones = statement<
  {
    workspaceId: number
    id: string
    profileId: string
    members: readonly string[]
    requestId: string | null
    receipt: string
    digest: string
    at: string
    tombstones: string
  },
  { tombstones: number }
>(
  (arg) => sql`
    with receipt as (
      insert into erasure_receipt
        (workspace_id, profile_id, id, members, request_id, receipt, digest, at)
      values (${arg.workspaceId}::int, ${arg.profileId}, ${arg.id}, ${arg.members}::text[],
        ${arg.requestId}, ${arg.receipt}, ${arg.digest}, ${arg.at}::timestamptz)
      on conflict do nothing
    ), stone as (
      insert into tombstone as t
        (workspace_id, namespace, hash, receipt_id, erased_at, opened_at, opened_by)
      select ${arg.workspaceId}::int, namespace, hash, ${arg.id}, ${arg.at}::timestamptz, "openedAt",
        "openedBy"
      from json_to_recordset(${arg.tombstones}::text::json)
        as stone (namespace text, hash uuid, "openedAt" timestamptz, "openedBy" text)
      order by hash, namespace
      on conflict (workspace_id, hash, namespace) do update
      set receipt_id = excluded.receipt_id, erased_at = excluded.erased_at,
        opened_at = excluded.opened_at, opened_by = excluded.opened_by
      where t.erased_at < excluded.erased_at
        or (t.erased_at = excluded.erased_at and t.opened_at is null
          and excluded.opened_at is not null)
      returning 1
    )
    select count(*)::int as tombstones from stone`,
)
