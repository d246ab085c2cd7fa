import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'
import { insertVersion, type VersionArgs } from './storePlugin.ts'

/**
 * Stores a version that waits for approval; what is in service goes on. `state` is that of a plugin of which
 * nothing is. The caller holds the plugin's row.
 */
export const storeCandidate = statement<VersionArgs & { state: string }, never>(
  (arg) => sql`
    with stored as (
      ${insertVersion(arg)}
    )
    insert into plugin as p (workspace_id, id, state, candidate_digest, candidate_by, candidate_at, updated_at)
    values (${arg.workspaceId}::int, ${arg.id}, 'awaiting_approval', ${arg.digest}, ${arg.by},
      ${arg.at}::timestamptz, ${arg.at}::timestamptz)
    on conflict (workspace_id, id) do update set
      state = ${arg.state}::text, candidate_digest = excluded.candidate_digest,
      candidate_by = excluded.candidate_by, candidate_at = excluded.candidate_at,
      updated_at = excluded.updated_at`,
)
