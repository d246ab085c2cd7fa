import { sql } from 'drizzle-orm/sql/sql'
import type { PluginState } from '../../core/model/pluginLife.ts'
import { statement } from '../statement.ts'

export interface LockedPlugin {
  state: PluginState
  digest: string | null
  candidateDigest: string | null
  candidateBy: string | null
  candidateShare: number | null
  previousDigest: string | null
  /** The version that is tried beside the one in service. */
  canaryDigest: string | null
  /** What it wrote is being deleted. */
  isPurging: boolean
}

/** Holds a plugin's row for a transaction that changes its life. */
export const lockPlugin = statement<{ workspaceId: number; id: string }, LockedPlugin>(
  (arg) => sql`
    select p.state, p.digest, p.candidate_digest as "candidateDigest", p.candidate_by as "candidateBy",
      p.candidate_share as "candidateShare", p.previous_digest as "previousDigest",
      (select r.digest from plugin_rollout r where r.workspace_id = p.workspace_id and r.plugin_id = p.id
        and r.state = 'canary') as "canaryDigest",
      exists (select from plugin_purge g where g.workspace_id = p.workspace_id and g.plugin_id = p.id
        and g.state = 'purging') as "isPurging"
    from plugin p
    where p.workspace_id = ${arg.workspaceId}::int and p.id = ${arg.id}::text
    for update of p`,
)
