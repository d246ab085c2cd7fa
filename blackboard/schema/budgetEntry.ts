import { bigint, integer, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'

export const budgetEntry = pgTable(
  'budget_entry',
  {
    workspaceId: integer('workspace_id').notNull(),
    budget: text('budget').notNull(),
    id: bigint('id', { mode: 'number' }).notNull().generatedAlwaysAsIdentity(),
    kind: text('kind').notNull(),
    amount: bigint('amount', { mode: 'number' }).notNull(),
    reference: text('reference').notNull(),
    by: text('by').notNull(),
    at: timestamp('at', { withTimezone: true }).notNull(),
  },
  (table) => [
    primaryKey({
      name: 'budget_entry_pkey',
      columns: [table.workspaceId, table.budget, table.id],
    }),
  ],
)
