import { integer, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'

export const receiptKey = pgTable(
  'receipt_key',
  {
    workspaceId: integer('workspace_id').notNull(),
    sourceId: text('source_id').notNull(),
    keyId: text('key_id').notNull(),
    publicKey: text('public_key').notNull(),
    author: text('author').notNull(),
    addedAt: timestamp('added_at', { withTimezone: true }).notNull(),
  },
  (table) => [
    primaryKey({
      name: 'receipt_key_pkey',
      columns: [table.workspaceId, table.sourceId, table.keyId],
    }),
  ],
)
