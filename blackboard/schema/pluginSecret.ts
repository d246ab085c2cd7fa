import { integer, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'
import { bytea } from './bytea.ts'

export const pluginSecret = pgTable(
  'plugin_secret',
  {
    workspaceId: integer('workspace_id').notNull(),
    pluginId: text('plugin_id').notNull(),
    name: text('name').notNull(),
    wrapped: bytea('wrapped').notNull(),
    sealed: bytea('sealed').notNull(),
    setBy: text('set_by').notNull(),
    setAt: timestamp('set_at', { withTimezone: true }).notNull(),
  },
  (table) => [
    primaryKey({
      name: 'plugin_secret_pkey',
      columns: [table.workspaceId, table.pluginId, table.name],
    }),
  ],
)
