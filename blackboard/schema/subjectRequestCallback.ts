import { integer, pgTable, primaryKey, smallint, text, timestamp } from 'drizzle-orm/pg-core'

export const subjectRequestCallback = pgTable(
  'subject_request_callback',
  {
    workspaceId: integer('workspace_id').notNull(),
    requestId: text('request_id').notNull(),
    id: text('id').notNull(),
    url: text('url').notNull(),
    requestStatus: text('request_status').notNull(),
    state: text('state').notNull(),
    attempts: smallint('attempts').notNull().default(0),
    dueAt: timestamp('due_at', { withTimezone: true }).notNull(),
    lastError: text('last_error'),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
  },
  (table) => [
    primaryKey({
      name: 'subject_request_callback_pkey',
      columns: [table.workspaceId, table.requestId, table.id],
    }),
  ],
)
