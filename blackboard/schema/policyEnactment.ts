import { integer, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'

export const policyEnactment = pgTable(
  'policy_enactment',
  {
    workspaceId: integer('workspace_id').notNull(),
    id: text('id').notNull(),
    number: integer('number').notNull(),
    replaced: integer('replaced'),
    kind: text('kind').notNull(),
    actor: text('actor').notNull(),
    reason: text('reason'),
    enactedAt: timestamp('enacted_at', { withTimezone: true }).notNull(),
  },
  (table) => [
    primaryKey({ name: 'policy_enactment_pkey', columns: [table.workspaceId, table.id] }),
  ],
)
