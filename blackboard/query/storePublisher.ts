import { sql } from 'drizzle-orm/sql/sql'
import type { PublisherLevel } from '../../core/model/pluginTrust.ts'
import { statement } from '../statement.ts'

/** Adds a publisher, or says anew what a known key is worth. */
export const storePublisher = statement<
  { workspaceId: number; key: string; name: string; level: PublisherLevel; by: string; at: string },
  never
>(
  (arg) => sql`
    insert into plugin_publisher (workspace_id, key, name, level, added_by, added_at)
    values (${arg.workspaceId}::int, ${arg.key}::text, ${arg.name}::text, ${arg.level}::text, ${arg.by}::text,
      ${arg.at}::timestamptz)
    on conflict (workspace_id, key) do update set name = excluded.name, level = excluded.level,
      added_by = excluded.added_by, added_at = excluded.added_at`,
)
