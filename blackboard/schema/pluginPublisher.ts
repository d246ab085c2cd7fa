import { integer, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'

export const pluginPublisher = pgTable(
  'plugin_publisher',
  {
    workspaceId: integer('workspace_id').notNull(),
    key: text('key').notNull(),
    name: text('name').notNull(),
    level: text('level').notNull(),
    addedBy: text('added_by').notNull(),
    addedAt: timestamp('added_at', { withTimezone: true }).notNull(),
  },
  (table) => [
    primaryKey({ name: 'plugin_publisher_pkey', columns: [table.workspaceId, table.key] }),
  ],
)
