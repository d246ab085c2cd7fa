import { bigint, integer, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'

export const budget = pgTable(
  'budget',
  {
    workspaceId: integer('workspace_id').notNull(),
    name: text('name').notNull(),
    unit: text('unit').notNull(),
    cap: bigint('cap', { mode: 'number' }).notNull(),
    spent: bigint('spent', { mode: 'number' }).notNull().default(0),
    endsAt: timestamp('ends_at', { withTimezone: true }),
    updatedAt: timestamp('updated_at', { withTimezone: true }).notNull(),
  },
  (table) => [primaryKey({ name: 'budget_pkey', columns: [table.workspaceId, table.name] })],
)
