import { integer, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'

export const policyApproval = pgTable(
  'policy_approval',
  {
    workspaceId: integer('workspace_id').notNull(),
    number: integer('number').notNull(),
    approver: text('approver').notNull(),
    author: text('author').notNull(),
    approvedAt: timestamp('approved_at', { withTimezone: true }).notNull(),
    comment: text('comment'),
  },
  (table) => [
    primaryKey({
      name: 'policy_approval_pkey',
      columns: [table.workspaceId, table.number, table.approver],
    }),
  ],
)
