import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Attaches new identifiers to their homes. Returns one row per identifier attached; fewer than asked for
 * means that another batch attached one meanwhile, and the caller must resolve again.
 */
export const attachIdentifiers = statement<
  { workspaceId: number; identifiers: string },
  { hash: string }
>(
  (arg) => sql`
    insert into identifier
      (workspace_id, namespace, hash, profile_id, value, event_id, first_seen_at)
    select ${arg.workspaceId}::int, namespace, hash, home, value, "eventId", at
    from json_to_recordset(${arg.identifiers}::text::json) as new
      (namespace text, hash uuid, home text, value text, "eventId" text, at timestamptz)
    order by namespace, hash
    on conflict do nothing
    returning hash`,
)
