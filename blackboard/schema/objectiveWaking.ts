import {
  bigint,
  integer,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
} from 'drizzle-orm/pg-core'

export const objectiveWaking = pgTable(
  'objective_waking',
  {
    workspaceId: integer('workspace_id').notNull(),
    id: bigint('id', { mode: 'number' }).notNull().generatedAlwaysAsIdentity(),
    agent: text('agent').notNull(),
    objectiveId: text('objective_id').notNull(),
    name: text('name').notNull(),
    state: text('state').notNull(),
    round: smallint('round').notNull(),
    upto: text('upto').notNull().default(''),
    at: timestamp('at', { withTimezone: true }).notNull(),
  },
  (table) => [
    primaryKey({ name: 'objective_waking_pkey', columns: [table.workspaceId, table.id] }),
  ],
)
