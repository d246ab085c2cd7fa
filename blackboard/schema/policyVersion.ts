import { boolean, integer, jsonb, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'

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
    reason: text('reason').notNull(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
    activatedAt: timestamp('activated_at', { withTimezone: true }),
    widens: boolean('widens'),
    comparedWith: integer('compared_with'),
    previous: integer('previous'),
    proposedAt: timestamp('proposed_at', { withTimezone: true }),
    retiredAt: timestamp('retired_at', { withTimezone: true }),
    breakGlassBy: text('break_glass_by'),
    breakGlassReason: text('break_glass_reason'),
    breakGlassUntil: timestamp('break_glass_until', { withTimezone: true }),
  },
  (table) => [
    primaryKey({ name: 'policy_version_pkey', columns: [table.workspaceId, table.number] }),
  ],
)
