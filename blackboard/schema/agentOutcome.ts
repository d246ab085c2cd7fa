import {
  bigint,
  doublePrecision,
  integer,
  pgTable,
  primaryKey,
  text,
  timestamp,
} from 'drizzle-orm/pg-core'

export const agentOutcome = pgTable(
  'agent_outcome',
  {
    workspaceId: integer('workspace_id').notNull(),
    capability: text('capability').notNull(),
    kind: text('kind').notNull(),
    agent: text('agent').notNull(),
    outcomes: bigint('outcomes', { mode: 'number' }).notNull(),
    others: bigint('others', { mode: 'number' }).notNull(),
    sums: doublePrecision('sums').array().notNull(),
    updatedAt: timestamp('updated_at', { withTimezone: true }).notNull(),
  },
  (table) => [
    primaryKey({
      name: 'agent_outcome_pkey',
      columns: [table.workspaceId, table.capability, table.kind, table.agent],
    }),
  ],
)
