import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Writes down how far a migration is, which the transaction has locked, and adds what its batch came to. */
export const moveStateMigration = statement<
  {
    workspaceId: number
    plugin: string
    version: number
    position: string
    migrated: number
    failed: number
    finishedAt: string | null
  },
  { migrated: number; failed: number }
>(
  (arg) => sql`
    update state_migration
    set position = ${arg.position}::text, migrated = migrated + ${arg.migrated}::bigint,
      failed = failed + ${arg.failed}::bigint, finished_at = ${arg.finishedAt}::timestamptz,
      state = case when ${arg.finishedAt}::timestamptz is null then 'migrating' else 'done' end
    where workspace_id = ${arg.workspaceId}::int and plugin_id = ${arg.plugin}
      and version = ${arg.version}::int
    returning migrated, failed`,
)
