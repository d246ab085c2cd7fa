import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Notes that persons no longer object to a purpose, in id order; objections to others stand. The version moves on,
 * so that what was decided before is decided again. The caller holds the profiles.
 */
export const removeObjection = statement<
  { workspaceId: number; ids: readonly string[]; purpose: string; at: string },
  never
>(
  (arg) => sql`
    insert into legal_state (workspace_id, profile_id, updated_at)
    select ${arg.workspaceId}::int, id, ${arg.at}::timestamptz
    from unnest(${arg.ids}::text[]) as id
    order by id
    on conflict (workspace_id, profile_id) do update
    set version = legal_state.version + 1, updated_at = excluded.updated_at,
      objections = array_remove(legal_state.objections, ${arg.purpose}::text)`,
)
