import { integer, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'

export const circuit = pgTable(
  'circuit',
  {
    workspaceId: integer('workspace_id').notNull(),
    destination: text('destination').notNull(),
    failures: integer('failures').notNull(),
    openUntil: timestamp('open_until', { withTimezone: true }),
  },
  (table) => [
    primaryKey({ name: 'circuit_pkey', columns: [table.workspaceId, table.destination] }),
  ],
)
