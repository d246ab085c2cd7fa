import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Moves tasks of an objective that the transaction holds. `moves` is JSON: [{ id, state, error, dueAt?, attempts?, tried?,
 * performer?, result?, input? }]; what is left out stays. With `owner` given only those that run under that lease.
 */
export const moveTasks = statement<
  { workspaceId: number; objective: string; moves: string; at: string },
  { id: string }
>(
  (arg) => sql`
    update task t
    set state = move.state, error = move.error, lease_owner = null,
      due_at = coalesce(move."dueAt", t.due_at), attempts = coalesce(move.attempts, t.attempts),
      tried = case when move.tried is null then t.tried
        else array(select jsonb_array_elements_text(move.tried)) end,
      performer = coalesce(move.performer, t.performer), result = coalesce(move.result, t.result),
      input = coalesce(move.input, t.input), updated_at = ${arg.at}::timestamptz,
      ended_at = case when move.state in ('done', 'failed', 'skipped') then ${arg.at}::timestamptz end
    from json_to_recordset(${arg.moves}::text::json) as move (id text, state text, error text,
      "dueAt" timestamptz, attempts smallint, tried jsonb, performer text, result jsonb, input jsonb)
    where t.workspace_id = ${arg.workspaceId}::int and t.objective_id = ${arg.objective}::text
      and t.id = move.id
    returning t.id`,
)
