import { bigint, integer, jsonb, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'

export const profileState = pgTable(
  'profile_state',
  {
    workspaceId: integer('workspace_id').notNull(),
    profileId: text('profile_id').notNull(),
    pluginId: text('plugin_id').notNull(),
    version: integer('version').notNull(),
    revision: bigint('revision', { mode: 'number' }).notNull(),
    state: jsonb('state').notNull(),
    bytes: integer('bytes').notNull(),
    updatedAt: timestamp('updated_at', { withTimezone: true }).notNull(),
  },
  (table) => [
    primaryKey({
      name: 'profile_state_pkey',
      columns: [table.workspaceId, table.profileId, table.pluginId],
    }),
  ],
)
