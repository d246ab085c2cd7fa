import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Begins a rollout. A canary is held against what the version in service does meanwhile; a version that took over
 * against how the one before fared until now.
 */
export const insertRollout = statement<
  {
    workspaceId: number
    plugin: string
    id: string
    digest: string
    baseDigest: string
    state: 'canary' | 'watching'
    share: number
    limits: string
    by: string
    at: string
  },
  never
>(
  (arg) => sql`
    insert into plugin_rollout (workspace_id, plugin_id, id, digest, base_digest, state, share, base_items,
      base_failures, limits, started_by, started_at)
    select p.workspace_id, p.id, ${arg.id}::text, ${arg.digest}::text, ${arg.baseDigest}::text,
      ${arg.state}::text, ${arg.share}::smallint, coalesce(h.version_items, 0),
      coalesce(h.version_failures, 0), ${arg.limits}::text::jsonb, ${arg.by}::text, ${arg.at}::timestamptz
    from plugin p
    left join plugin_health h on h.workspace_id = p.workspace_id and h.plugin_id = p.id
      and h.version_digest = ${arg.baseDigest}::text and ${arg.state}::text = 'watching'
    where p.workspace_id = ${arg.workspaceId}::int and p.id = ${arg.plugin}::text`,
)
