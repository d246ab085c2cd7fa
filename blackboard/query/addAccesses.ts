import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Adds to what was counted of a day. `accesses` is JSON; rows in the order of their key. */
export const addAccesses = statement<{ workspaceId: number; accesses: string }, never>(
  (arg) => sql`
    insert into observed_access as o
      (workspace_id, day, actor, kind, purpose, object, data_class, count, first_at, last_at)
    select ${arg.workspaceId}::int, day, actor, kind, purpose, object, "dataClass", count, "firstAt", "lastAt"
    from json_to_recordset(${arg.accesses}::text::json)
      as w (day date, actor text, kind text, purpose text, object text, "dataClass" text, count bigint,
        "firstAt" timestamptz, "lastAt" timestamptz)
    order by day, actor, kind, purpose, object
    on conflict (workspace_id, day, actor, kind, purpose, object) do update
    set count = o.count + excluded.count, data_class = excluded.data_class,
      first_at = least(o.first_at, excluded.first_at), last_at = greatest(o.last_at, excluded.last_at)`,
)
