import { bigint, integer, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'

export const stateMigration = pgTable(
  'state_migration',
  {
    workspaceId: integer('workspace_id').notNull(),
    pluginId: text('plugin_id').notNull(),
    version: integer('version').notNull(),
    state: text('state').notNull(),
    position: text('position').notNull().default(''),
    migrated: bigint('migrated', { mode: 'number' }).notNull().default(0),
    failed: bigint('failed', { mode: 'number' }).notNull().default(0),
    requestedAt: timestamp('requested_at', { withTimezone: true }).notNull(),
    finishedAt: timestamp('finished_at', { withTimezone: true }),
  },
  (table) => [
    primaryKey({
      name: 'state_migration_pkey',
      columns: [table.workspaceId, table.pluginId, table.version],
    }),
  ],
)
