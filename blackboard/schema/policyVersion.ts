import { integer, jsonb, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'

export const policyVersion = pgTable(
  'policy_version',
  {
    workspaceId: integer('workspace_id').notNull(),
    number: integer('number').notNull(),
    status: text('status').notNull(),
    title: text('title').notNull(),
    document: jsonb('document').notNull(),
    documentSha256: text('document_sha256').notNull(),
    author: text('author').notNull(),
    approver: text('approver'),
    reason: text('reason').notNull(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
    activatedAt: timestamp('activated_at', { withTimezone: true }),
  },
  (table) => [
    primaryKey({ name: 'policy_version_pkey', columns: [table.workspaceId, table.number] }),
  ],
)
