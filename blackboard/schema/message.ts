import { date, integer, pgTable, primaryKey, uuid } from 'drizzle-orm/pg-core'

export const message = pgTable(
  'message',
  {
    workspaceId: integer('workspace_id').notNull(),
    key: uuid('key').notNull(),
    receivedOn: date('received_on').notNull(),
  },
  (table) => [
    primaryKey({ name: 'message_is_taken_once', columns: [table.workspaceId, table.key] }),
  ],
)
