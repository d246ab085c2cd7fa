import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Makes sure that the row exists on which dispatch and withdrawal meet: an activation must never stand
 * before the gate without one. Version 0 is what a missing row counts as.
 */
export const ensureLegalStates = statement<{ workspaceId: number; ids: string; at: string }, never>(
  (arg) => sql`
    insert into legal_state (workspace_id, profile_id, version, updated_at)
    select distinct ${arg.workspaceId}::int, id, 0, ${arg.at}::timestamptz
    from json_array_elements_text(${arg.ids}::text::json) as id
    order by 2
    on conflict do nothing`,
)
