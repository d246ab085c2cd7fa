import { integer, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'

export const pluginTrust = pgTable(
  'plugin_trust',
  {
    workspaceId: integer('workspace_id').notNull(),
    capability: text('capability').notNull(),
    level: text('level').notNull(),
    setBy: text('set_by').notNull(),
    setAt: timestamp('set_at', { withTimezone: true }).notNull(),
  },
  (table) => [
    primaryKey({ name: 'plugin_trust_pkey', columns: [table.workspaceId, table.capability] }),
  ],
)
