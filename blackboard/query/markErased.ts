import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Marks persons as erased and empties their legal state, in id order; the version moves on, so that whatever was
 * decided before is void. A dispatch that is looking at one of them finishes first. The caller holds the profiles.
 */
export const markErased = statement<
  { workspaceId: number; ids: readonly string[]; at: string },
  never
>(
  (arg) => sql`
    insert into legal_state (workspace_id, profile_id, erased_at, updated_at)
    select ${arg.workspaceId}::int, id, ${arg.at}::timestamptz, ${arg.at}::timestamptz
    from unnest(${arg.ids}::text[]) as id
    order by id
    on conflict (workspace_id, profile_id) do update
    set version = legal_state.version + 1, erased_at = excluded.erased_at,
      updated_at = excluded.updated_at, restricted = false, objections = '{}', holds = '[]',
      gpc = false, minor_band = null, jurisdiction = null, jurisdiction_source = null,
      age_claims = '[]'`,
)
