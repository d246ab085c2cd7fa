import { integer, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'

export const erasureReceipt = pgTable(
  'erasure_receipt',
  {
    workspaceId: integer('workspace_id').notNull(),
    profileId: text('profile_id').notNull(),
    id: text('id').notNull(),
    members: text('members').array().notNull(),
    requestId: text('request_id'),
    receipt: text('receipt').notNull(),
    digest: text('digest').notNull(),
    at: timestamp('at', { withTimezone: true }).notNull(),
  },
  (table) => [
    primaryKey({
      name: 'erasure_receipt_pkey',
      columns: [table.workspaceId, table.profileId, table.id],
    }),
  ],
)
