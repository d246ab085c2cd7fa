import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** `tasks` is JSON: [{ id, round, key, skill, kind, input, after, join, onFailure, state }]. */
export const insertTasks = statement<
  { workspaceId: number; objective: string; tasks: string; at: string },
  never
>(
  (arg) => sql`
    insert into task (workspace_id, objective_id, id, round, key, skill, kind, input, after, joins, on_failure,
      state, due_at, created_at, updated_at)
    select ${arg.workspaceId}::int, ${arg.objective}::text, id, round, key, skill, kind, input,
      array(select jsonb_array_elements_text(after)), "join", "onFailure", state, ${arg.at}::timestamptz,
      ${arg.at}::timestamptz, ${arg.at}::timestamptz
    from json_to_recordset(${arg.tasks}::text::json) as new (id text, round smallint, key text, skill text,
      kind text, input jsonb, after jsonb, "join" jsonb, "onFailure" text, state text)
    order by id`,
)
