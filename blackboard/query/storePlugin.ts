import { sql, type Placeholder } from 'drizzle-orm/sql/sql'
import type { TrustLevel } from '../../core/model/pluginTrust.ts'
import { statement } from '../statement.ts'

export interface VersionArgs {
  workspaceId: number
  id: string
  version: string
  digest: string
  manifest: string
  bundle: string
  readme: string | null
  trust: TrustLevel
  signer: string | null
  by: string
  at: string
}

/**
 * Stores a version, once per digest, makes it the plugin's own, and remembers the one before. A plugin that is there
 * already gets the given state; one that is new is active.
 * What waited for approval does not wait any more. The caller holds the plugin's row.
 */
export const storePlugin = statement<VersionArgs & { state: string }, never>(
  (arg) => sql`
    with stored as (
      ${insertVersion(arg)}
    )
    insert into plugin as p (workspace_id, id, state, digest, updated_at)
    values (${arg.workspaceId}::int, ${arg.id}, 'active', ${arg.digest}, ${arg.at}::timestamptz)
    on conflict (workspace_id, id) do update set
      state = ${arg.state}::text, digest = excluded.digest, updated_at = excluded.updated_at,
      candidate_digest = null, candidate_by = null, candidate_at = null,
      candidate_share = null, reason = null,
      previous_digest = case when p.digest = excluded.digest then p.previous_digest else p.digest end`,
)

/** The same bytes may come again with a signature; they are trusted as far as they ever were. */
export const insertVersion = (arg: { [K in keyof VersionArgs]: Placeholder }) => sql`
  insert into plugin_version as v (workspace_id, plugin_id, digest, version, manifest, bundle, readme,
    trust, publisher_key, installed_by, installed_at)
  values (${arg.workspaceId}::int, ${arg.id}, ${arg.digest}, ${arg.version},
    ${arg.manifest}::text::jsonb, ${arg.bundle}, ${arg.readme}::text, ${arg.trust}::text,
    ${arg.signer}::text, ${arg.by}, ${arg.at}::timestamptz)
  on conflict (workspace_id, plugin_id, digest) do update
    set trust = excluded.trust, publisher_key = excluded.publisher_key
    where array_position(array['core', 'verified', 'community', 'local', 'unsigned'], excluded.trust)
      < array_position(array['core', 'verified', 'community', 'local', 'unsigned'], v.trust)`
