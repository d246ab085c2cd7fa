import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Adds to how often a version in shadow agreed, or would have decided otherwise. Rows in the order of their key. */
export const addShadowCounts = statement<
  { workspaceId: number; number: number; counts: string },
  { decisions: string }
>(
  (arg) => sql`
    insert into policy_shadow_count (workspace_id, number, purpose, channel, direction, decisions)
    select ${arg.workspaceId}::int, ${arg.number}::int, purpose, channel, direction, count(*)
    from json_to_recordset(${arg.counts}::text::json) as c (purpose text, channel text, direction text)
    group by purpose, channel, direction
    order by purpose, channel, direction
    on conflict (workspace_id, number, purpose, channel, direction) do update
    set decisions = policy_shadow_count.decisions + excluded.decisions
    returning decisions`,
)
