import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Keeps evidence. An edge seen again renews its time at most once an hour: the order of links matters to
 * the hour at best, and a busy customer would otherwise rewrite the row with every event.
 */
export const keepEdges = statement<{ workspaceId: number; edges: string }, never>(
  (arg) => sql`
    insert into edge (workspace_id, left_namespace, left_hash, right_namespace, right_hash, rule,
      event_id, first_seen_at, last_seen_at)
    select ${arg.workspaceId}::int, "leftNamespace", "leftHash", "rightNamespace", "rightHash", rule,
      "eventId", at, at
    from json_to_recordset(${arg.edges}::text::json) as new ("leftNamespace" text, "leftHash" uuid,
      "rightNamespace" text, "rightHash" uuid, rule text, "eventId" text, at timestamptz)
    order by "leftNamespace", "leftHash", "rightNamespace", "rightHash", rule
    on conflict (workspace_id, left_namespace, left_hash, right_namespace, right_hash, rule)
    do update set last_seen_at = excluded.last_seen_at
    where edge.last_seen_at < excluded.last_seen_at - interval '1 hour'`,
)
