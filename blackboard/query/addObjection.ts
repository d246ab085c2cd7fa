import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Notes that persons object to a purpose, in id order. The version moves on, so that what was decided before is
 * decided again; a dispatch that is looking at one of them finishes first. The caller holds the profiles.
 */
export const addObjection = statement<
  { workspaceId: number; ids: readonly string[]; purpose: string; at: string },
  never
>(
  (arg) => sql`
    insert into legal_state (workspace_id, profile_id, objections, updated_at)
    select ${arg.workspaceId}::int, id, array[${arg.purpose}::text], ${arg.at}::timestamptz
    from unnest(${arg.ids}::text[]) as id
    order by id
    on conflict (workspace_id, profile_id) do update
    set version = legal_state.version + 1, updated_at = excluded.updated_at,
      objections = case when ${arg.purpose}::text = any(legal_state.objections)
        then legal_state.objections else legal_state.objections || excluded.objections end`,
)
