import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'
import { insertVersion, type VersionArgs } from './storePlugin.ts'

/**
 * Stores a version that waits for approval; what is in service goes on. `state` is that of a plugin of which
 * nothing is, `share` the percent of profiles that it is to be tried on. The caller holds the plugin's row.
 */
export const storeCandidate = statement<
  VersionArgs & { state: string; share: number | null },
  never
>(
  (arg) => sql`
    with stored as (
      ${insertVersion(arg)}
    )
    insert into plugin as p (workspace_id, id, state, candidate_digest, candidate_by, candidate_at,
      candidate_share, updated_at)
    values (${arg.workspaceId}::int, ${arg.id}, 'awaiting_approval', ${arg.digest}, ${arg.by},
      ${arg.at}::timestamptz, ${arg.share}::smallint, ${arg.at}::timestamptz)
    on conflict (workspace_id, id) do update set
      state = ${arg.state}::text, candidate_digest = excluded.candidate_digest,
      candidate_by = excluded.candidate_by, candidate_at = excluded.candidate_at,
      candidate_share = excluded.candidate_share,
      updated_at = excluded.updated_at`,
)
