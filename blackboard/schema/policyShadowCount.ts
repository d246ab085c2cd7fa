import { bigint, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'

export const policyShadowCount = pgTable(
  'policy_shadow_count',
  {
    workspaceId: integer('workspace_id').notNull(),
    number: integer('number').notNull(),
    purpose: text('purpose').notNull(),
    channel: text('channel').notNull(),
    direction: text('direction').notNull(),
    decisions: bigint('decisions', { mode: 'number' }).notNull(),
  },
  (table) => [
    primaryKey({
      name: 'policy_shadow_count_pkey',
      columns: [table.workspaceId, table.number, table.purpose, table.channel, table.direction],
    }),
  ],
)
