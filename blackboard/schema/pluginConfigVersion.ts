import { integer, jsonb, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'

export const pluginConfigVersion = pgTable(
  'plugin_config_version',
  {
    workspaceId: integer('workspace_id').notNull(),
    pluginId: text('plugin_id').notNull(),
    number: integer('number').notNull(),
    config: jsonb('config').notNull(),
    secrets: text('secrets').array().notNull().default([]),
    returnsTo: integer('returns_to'),
    author: text('author').notNull(),
    reason: text('reason'),
    setAt: timestamp('set_at', { withTimezone: true }).notNull(),
  },
  (table) => [
    primaryKey({
      name: 'plugin_config_version_pkey',
      columns: [table.workspaceId, table.pluginId, table.number],
    }),
  ],
)
