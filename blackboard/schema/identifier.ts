import { integer, pgTable, primaryKey, text, timestamp, uuid } from 'drizzle-orm/pg-core'

export const identifier = pgTable(
  'identifier',
  {
    workspaceId: integer('workspace_id').notNull(),
    namespace: text('namespace').notNull(),
    hash: uuid('hash').notNull(),
    profileId: text('profile_id').notNull(),
    value: text('value'),
    eventId: text('event_id').notNull(),
    firstSeenAt: timestamp('first_seen_at', { withTimezone: true }).notNull(),
  },
  (table) => [
    primaryKey({
      name: 'identifier_points_at_one_profile',
      columns: [table.workspaceId, table.hash, table.namespace],
    }),
  ],
)
