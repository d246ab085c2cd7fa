import { integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'

export const subjectRequestListener = pgTable(
  'subject_request_listener',
  {
    workspaceId: integer('workspace_id').notNull(),
    requestId: text('request_id').notNull(),
    url: text('url').notNull(),
  },
  (table) => [
    primaryKey({
      name: 'subject_request_listener_pkey',
      columns: [table.workspaceId, table.requestId, table.url],
    }),
  ],
)
