import { bigint, date, integer, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'

export const observedAccess = pgTable(
  'observed_access',
  {
    workspaceId: integer('workspace_id').notNull(),
    day: date('day').notNull(),
    actor: text('actor').notNull(),
    kind: text('kind').notNull(),
    purpose: text('purpose').notNull(),
    object: text('object').notNull(),
    dataClass: text('data_class').notNull(),
    count: bigint('count', { mode: 'number' }).notNull(),
    firstAt: timestamp('first_at', { withTimezone: true }).notNull(),
    lastAt: timestamp('last_at', { withTimezone: true }).notNull(),
  },
  (table) => [
    primaryKey({
      name: 'observed_access_pkey',
      columns: [table.workspaceId, table.day, table.actor, table.kind, table.purpose, table.object],
    }),
  ],
)
