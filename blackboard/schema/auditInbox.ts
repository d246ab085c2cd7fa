import { integer, jsonb, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'

export const auditInbox = pgTable(
  'audit_inbox',
  {
    workspaceId: integer('workspace_id').notNull(),
    id: text('id').notNull(),
    at: timestamp('at', { withTimezone: true }).notNull(),
    actor: text('actor').notNull(),
    action: text('action').notNull(),
    object: text('object').notNull(),
    payload: jsonb('payload').notNull(),
  },
  (table) => [primaryKey({ name: 'audit_inbox_pkey', columns: [table.workspaceId, table.id] })],
)
