import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** `rows` is JSON: plugins with the strikes that count against them from now on. */
export const storeStrikes = statement<{ workspaceId: number; rows: string }, never>(
  (arg) => sql`
    update plugin_health h set strikes = w.strikes
    from json_to_recordset(${arg.rows}::text::json) as w (plugin text, strikes jsonb)
    where h.workspace_id = ${arg.workspaceId}::int and h.plugin_id = w.plugin`,
)
