import { integer, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'

export const retention = pgTable(
  'retention',
  {
    workspaceId: integer('workspace_id').notNull(),
    id: text('id').notNull(),
    profileId: text('profile_id').notNull(),
    receiptId: text('receipt_id').notNull(),
    requestId: text('request_id'),
    part: text('part').notNull(),
    reason: text('reason').notNull(),
    keptAt: timestamp('kept_at', { withTimezone: true }).notNull(),
    endedAt: timestamp('ended_at', { withTimezone: true }),
    endedBy: text('ended_by'),
  },
  (table) => [primaryKey({ name: 'retention_pkey', columns: [table.workspaceId, table.id] })],
)
