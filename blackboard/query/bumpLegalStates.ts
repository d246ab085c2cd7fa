import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Moves the legal state of profiles on, in id order. A dispatch that is looking at one of them finishes
 * first; one that begins later sees what this transaction wrote.
 */
export const bumpLegalStates = statement<
  { workspaceId: number; ids: string; at: string },
  { version: number }
>(
  (arg) => sql`
    insert into legal_state (workspace_id, profile_id, updated_at)
    select ${arg.workspaceId}::int, id, ${arg.at}::timestamptz
    from json_array_elements_text(${arg.ids}::text::json) as id
    order by id
    on conflict (workspace_id, profile_id) do update
    set version = legal_state.version + 1, updated_at = excluded.updated_at
    returning version`,
)
