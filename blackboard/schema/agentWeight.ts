import { integer, pgTable, primaryKey, smallint, text, timestamp } from 'drizzle-orm/pg-core'

export const agentWeight = pgTable(
  'agent_weight',
  {
    workspaceId: integer('workspace_id').notNull(),
    agent: text('agent').notNull(),
    delta: smallint('delta').notNull(),
    reason: text('reason').notNull(),
    setBy: text('set_by').notNull(),
    setAt: timestamp('set_at', { withTimezone: true }).notNull(),
  },
  (table) => [primaryKey({ name: 'agent_weight_pkey', columns: [table.workspaceId, table.agent] })],
)
