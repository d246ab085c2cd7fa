import { integer, pgTable, primaryKey, text, timestamp, uuid } from 'drizzle-orm/pg-core'

export const tombstone = pgTable(
  'tombstone',
  {
    workspaceId: integer('workspace_id').notNull(),
    namespace: text('namespace').notNull(),
    hash: uuid('hash').notNull(),
    receiptId: text('receipt_id').notNull(),
    erasedAt: timestamp('erased_at', { withTimezone: true }).notNull(),
    openedAt: timestamp('opened_at', { withTimezone: true }),
    openedBy: text('opened_by'),
  },
  (table) => [
    primaryKey({
      name: 'tombstone_pkey',
      columns: [table.workspaceId, table.hash, table.namespace],
    }),
  ],
)
