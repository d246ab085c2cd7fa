import { integer, pgTable, primaryKey, text, timestamp, uuid } from 'drizzle-orm/pg-core'

export const disowned = pgTable(
  'disowned',
  {
    workspaceId: integer('workspace_id').notNull(),
    profileId: text('profile_id').notNull(),
    namespace: text('namespace').notNull(),
    hash: uuid('hash').notNull(),
    requestId: text('request_id').notNull(),
    at: timestamp('at', { withTimezone: true }).notNull(),
  },
  (table) => [
    primaryKey({
      name: 'disowned_pkey',
      columns: [table.workspaceId, table.profileId, table.hash, table.namespace],
    }),
  ],
)
