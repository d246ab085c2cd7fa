import { integer, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'

export const activationApproval = pgTable(
  'activation_approval',
  {
    workspaceId: integer('workspace_id').notNull(),
    profileId: text('profile_id').notNull(),
    activationId: text('activation_id').notNull(),
    id: text('id').notNull(),
    verdict: text('verdict').notNull(),
    reason: text('reason').notNull(),
    principalId: text('principal_id').notNull(),
    decidedAt: timestamp('decided_at', { withTimezone: true }).notNull(),
  },
  (table) => [
    primaryKey({
      name: 'activation_approval_pkey',
      columns: [table.workspaceId, table.profileId, table.activationId, table.id],
    }),
  ],
)
