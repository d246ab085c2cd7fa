import { bigint, integer, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'

export const pluginPurge = pgTable(
  'plugin_purge',
  {
    workspaceId: integer('workspace_id').notNull(),
    pluginId: text('plugin_id').notNull(),
    id: text('id').notNull(),
    state: text('state').notNull().default('purging'),
    passBeganAt: timestamp('pass_began_at', { withTimezone: true }).notNull(),
    passFound: bigint('pass_found', { mode: 'number' }).notNull().default(0),
    position: text('position').notNull().default(''),
    profiles: bigint('profiles', { mode: 'number' }).notNull().default(0),
    traitValues: bigint('trait_values', { mode: 'number' }).notNull().default(0),
    changes: bigint('changes', { mode: 'number' }).notNull().default(0),
    holds: bigint('holds', { mode: 'number' }).notNull().default(0),
    reactions: bigint('reactions', { mode: 'number' }).notNull().default(0),
    requestedBy: text('requested_by').notNull(),
    requestedAt: timestamp('requested_at', { withTimezone: true }).notNull(),
    finishedAt: timestamp('finished_at', { withTimezone: true }),
  },
  (table) => [
    primaryKey({
      name: 'plugin_purge_pkey',
      columns: [table.workspaceId, table.pluginId, table.id],
    }),
  ],
)
