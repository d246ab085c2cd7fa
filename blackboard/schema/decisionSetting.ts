import { integer, jsonb, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'

export const decisionSetting = pgTable(
  'decision_setting',
  {
    workspaceId: integer('workspace_id').notNull(),
    hash: text('hash').notNull(),
    content: jsonb('content').notNull(),
    at: timestamp('at', { withTimezone: true }).notNull(),
  },
  (table) => [
    primaryKey({ name: 'decision_setting_pkey', columns: [table.workspaceId, table.hash] }),
  ],
)
