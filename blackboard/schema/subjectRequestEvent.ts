import { integer, jsonb, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'

export const subjectRequestEvent = pgTable(
  'subject_request_event',
  {
    workspaceId: integer('workspace_id').notNull(),
    requestId: text('request_id').notNull(),
    id: text('id').notNull(),
    at: timestamp('at', { withTimezone: true }).notNull(),
    actor: text('actor').notNull(),
    act: text('act').notNull(),
    state: text('state').notNull(),
    details: jsonb('details').notNull().default({}),
  },
  (table) => [
    primaryKey({
      name: 'subject_request_event_pkey',
      columns: [table.workspaceId, table.requestId, table.id],
    }),
  ],
)
