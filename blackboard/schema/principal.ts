import { integer, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'

export const principal = pgTable(
  'principal',
  {
    workspaceId: integer('workspace_id').notNull(),
    id: text('id').notNull(),
    name: text('name').notNull(),
    role: text('role').notNull(),
    purposes: text('purposes').array().notNull().default([]),
    keyHash: text('key_hash').notNull(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
    revokedAt: timestamp('revoked_at', { withTimezone: true }),
  },
  (table) => [primaryKey({ name: 'principal_pkey', columns: [table.workspaceId, table.id] })],
)
