import {
  bigint,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
} from 'drizzle-orm/pg-core'

export const pluginRollout = pgTable(
  'plugin_rollout',
  {
    workspaceId: integer('workspace_id').notNull(),
    pluginId: text('plugin_id').notNull(),
    id: text('id').notNull(),
    digest: text('digest').notNull(),
    baseDigest: text('base_digest').notNull(),
    state: text('state').notNull(),
    share: smallint('share').notNull(),
    items: bigint('items', { mode: 'number' }).notNull().default(0),
    failures: bigint('failures', { mode: 'number' }).notNull().default(0),
    baseItems: bigint('base_items', { mode: 'number' }).notNull().default(0),
    baseFailures: bigint('base_failures', { mode: 'number' }).notNull().default(0),
    limits: jsonb('limits').notNull(),
    startedBy: text('started_by').notNull(),
    startedAt: timestamp('started_at', { withTimezone: true }).notNull(),
    workedAt: timestamp('worked_at', { withTimezone: true }),
    endedAt: timestamp('ended_at', { withTimezone: true }),
    reason: text('reason'),
  },
  (table) => [
    primaryKey({
      name: 'plugin_rollout_pkey',
      columns: [table.workspaceId, table.pluginId, table.id],
    }),
  ],
)
