import { sql } from 'drizzle-orm/sql/sql'
import type { JsonObject } from '../../core/model/json.ts'
import { statement } from '../statement.ts'

/** Events by the profile they arrived on and their id. */
export const loadEvents = statement<
  { workspaceId: number; events: string },
  { id: string; type: string; name: string; at: Date; properties: JsonObject | null }
>(
  (arg) => sql`
    select e.id, e.type, e.name, e.occurred_at as at, e.properties
    from json_to_recordset(${arg.events}::text::json) as wanted (home text, id text)
    cross join lateral (
      select * from event
      where workspace_id = ${arg.workspaceId}::int and profile_id = wanted.home and id = wanted.id
      -- keeps this a look-up per event, whatever the planner thinks of the table
      offset 0) as e`,
)
