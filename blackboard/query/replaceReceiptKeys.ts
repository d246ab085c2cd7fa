import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** The keys of a source (or, under an empty id, of all) are these and no others. `keys`: [{ keyId, publicKey }]. */
export const replaceReceiptKeys = statement<
  { workspaceId: number; sourceId: string; keys: string; author: string; at: string },
  never
>(
  (arg) => sql`
    with new as (
      select * from json_to_recordset(${arg.keys}::text::json) as new ("keyId" text, "publicKey" text)
    ), gone as (
      delete from receipt_key
      where workspace_id = ${arg.workspaceId}::int and source_id = ${arg.sourceId}
        and key_id not in (select "keyId" from new)
    )
    insert into receipt_key (workspace_id, source_id, key_id, public_key, author, added_at)
    select ${arg.workspaceId}::int, ${arg.sourceId}, "keyId", "publicKey", ${arg.author},
      ${arg.at}::timestamptz
    from new
    on conflict do nothing`,
)
