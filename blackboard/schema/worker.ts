import { pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'

export const worker = pgTable(
  'worker',
  {
    id: text('id').notNull(),
    leaseExpiresAt: timestamp('lease_expires_at', { withTimezone: true }).notNull(),
  },
  (table) => [primaryKey({ name: 'worker_pkey', columns: [table.id] })],
)
