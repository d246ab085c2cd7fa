import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Stores a version (once per digest) and makes it the plugin's active one, remembering the one before. */
export const storePlugin = statement<
  {
    workspaceId: number
    id: string
    version: string
    digest: string
    manifest: string
    bundle: string
    by: string
    at: string
  },
  never
>(
  (arg) => sql`
    with stored as (
      insert into plugin_version
        (workspace_id, plugin_id, digest, version, manifest, bundle, installed_by, installed_at)
      values (${arg.workspaceId}::int, ${arg.id}, ${arg.digest}, ${arg.version},
        ${arg.manifest}::text::jsonb, ${arg.bundle}, ${arg.by}, ${arg.at}::timestamptz)
      on conflict do nothing
    )
    insert into plugin as p (workspace_id, id, state, digest, updated_at)
    values (${arg.workspaceId}::int, ${arg.id}, 'active', ${arg.digest}, ${arg.at}::timestamptz)
    on conflict (workspace_id, id) do update set
      state = 'active', digest = excluded.digest, updated_at = excluded.updated_at,
      previous_digest = case when p.digest = excluded.digest then p.previous_digest else p.digest end`,
)
