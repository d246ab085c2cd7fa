import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Restricts persons or lifts their restriction, in id order. The version moves on, so that what was decided before
 * is decided again; a dispatch that is looking at one of them finishes first. The caller holds the profiles.
 */
export const restrictProfiles = statement<
  { workspaceId: number; ids: readonly string[]; restricted: boolean; at: string },
  never
>(
  (arg) => sql`
    insert into legal_state (workspace_id, profile_id, restricted, updated_at)
    select ${arg.workspaceId}::int, id, ${arg.restricted}::boolean, ${arg.at}::timestamptz
    from unnest(${arg.ids}::text[]) as id
    order by id
    on conflict (workspace_id, profile_id) do update
    set version = legal_state.version + 1, restricted = excluded.restricted,
      updated_at = excluded.updated_at`,
)
