import { integer, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'
import { bytea } from './bytea.ts'

export const openDsrKey = pgTable(
  'open_dsr_key',
  {
    workspaceId: integer('workspace_id').notNull(),
    domain: text('domain').notNull(),
    wrapped: bytea('wrapped').notNull(),
    sealed: bytea('sealed').notNull(),
    certificate: text('certificate').notNull(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
  },
  (table) => [
    primaryKey({ name: 'open_dsr_key_pkey', columns: [table.workspaceId, table.domain] }),
  ],
)
