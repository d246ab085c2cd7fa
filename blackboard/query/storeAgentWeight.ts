import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

export const storeAgentWeight = statement<
  { workspaceId: number; agent: string; delta: number; reason: string; by: string; at: string },
  never
>(
  (arg) => sql`
    insert into agent_weight (workspace_id, agent, delta, reason, set_by, set_at)
    values (${arg.workspaceId}::int, ${arg.agent}::text, ${arg.delta}::smallint, ${arg.reason}::text,
      ${arg.by}::text, ${arg.at}::timestamptz)
    on conflict (workspace_id, agent) do update set delta = excluded.delta, reason = excluded.reason,
      set_by = excluded.set_by, set_at = excluded.set_at`,
)
