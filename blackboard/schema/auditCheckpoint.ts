import { bigint, integer, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'

export const auditCheckpoint = pgTable(
  'audit_checkpoint',
  {
    workspaceId: integer('workspace_id').notNull(),
    size: bigint('size', { mode: 'number' }).notNull(),
    root: text('root').notNull(),
    peaks: text('peaks').array().notNull(),
    head: text('head').notNull(),
    at: timestamp('at', { withTimezone: true }).notNull(),
    keyId: text('key_id').notNull(),
    signature: text('signature').notNull(),
  },
  (table) => [
    primaryKey({ name: 'audit_checkpoint_pkey', columns: [table.workspaceId, table.size] }),
  ],
)
