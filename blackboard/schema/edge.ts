import { integer, pgTable, primaryKey, text, timestamp, uuid } from 'drizzle-orm/pg-core'

export const edge = pgTable(
  'edge',
  {
    workspaceId: integer('workspace_id').notNull(),
    leftNamespace: text('left_namespace').notNull(),
    leftHash: uuid('left_hash').notNull(),
    rightNamespace: text('right_namespace').notNull(),
    rightHash: uuid('right_hash').notNull(),
    rule: text('rule').notNull(),
    eventId: text('event_id').notNull(),
    firstSeenAt: timestamp('first_seen_at', { withTimezone: true }).notNull(),
    lastSeenAt: timestamp('last_seen_at', { withTimezone: true }).notNull(),
  },
  (table) => [
    primaryKey({
      name: 'edge_pkey',
      columns: [
        table.workspaceId,
        table.leftNamespace,
        table.leftHash,
        table.rightNamespace,
        table.rightHash,
        table.rule,
      ],
    }),
  ],
)
