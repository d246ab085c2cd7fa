import { boolean, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'

export const worker = pgTable(
  'worker',
  {
    id: text('id').notNull(),
    leaseExpiresAt: timestamp('lease_expires_at', { withTimezone: true }).notNull(),
    isPresent: boolean('is_present').notNull().default(false),
  },
  (table) => [primaryKey({ name: 'worker_pkey', columns: [table.id] })],
)
