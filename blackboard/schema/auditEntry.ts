import { bigint, integer, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'

export const auditEntry = pgTable(
  'audit_entry',
  {
    workspaceId: integer('workspace_id').notNull(),
    seq: bigint('seq', { mode: 'number' }).notNull(),
    id: text('id').notNull(),
    at: timestamp('at', { withTimezone: true }).notNull(),
    actor: text('actor').notNull(),
    action: text('action').notNull(),
    object: text('object').notNull(),
    payload: text('payload').notNull(),
    payloadHash: text('payload_hash').notNull(),
    previousHash: text('previous_hash').notNull(),
    hash: text('hash').notNull(),
  },
  (table) => [primaryKey({ name: 'audit_entry_pkey', columns: [table.workspaceId, table.seq] })],
)
