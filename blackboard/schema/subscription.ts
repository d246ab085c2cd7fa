import { integer, pgTable, primaryKey, smallint, text } from 'drizzle-orm/pg-core'

export const subscription = pgTable(
  'subscription',
  {
    workspaceId: integer('workspace_id').notNull(),
    kind: text('kind').notNull(),
    key: text('key').notNull(),
    agent: text('agent').notNull(),
    priority: smallint('priority').notNull(),
  },
  (table) => [
    primaryKey({
      name: 'subscription_pkey',
      columns: [table.workspaceId, table.kind, table.key, table.agent],
    }),
  ],
)
