import { bigint, integer, jsonb, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'

export const pluginState = pgTable(
  'plugin_state',
  {
    workspaceId: integer('workspace_id').notNull(),
    pluginId: text('plugin_id').notNull(),
    key: text('key').notNull(),
    version: integer('version').notNull(),
    revision: bigint('revision', { mode: 'number' }).notNull(),
    value: jsonb('value').notNull(),
    bytes: integer('bytes').notNull(),
    updatedAt: timestamp('updated_at', { withTimezone: true }).notNull(),
  },
  (table) => [
    primaryKey({
      name: 'plugin_state_pkey',
      columns: [table.workspaceId, table.pluginId, table.key],
    }),
  ],
)
