import { boolean, integer, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'

export const pluginApproval = pgTable(
  'plugin_approval',
  {
    workspaceId: integer('workspace_id').notNull(),
    pluginId: text('plugin_id').notNull(),
    digest: text('digest').notNull(),
    id: text('id').notNull(),
    verdict: text('verdict').notNull(),
    baseDigest: text('base_digest'),
    gained: text('gained').array().notNull(),
    touchesPii: boolean('touches_pii').notNull(),
    requestedBy: text('requested_by').notNull(),
    decidedBy: text('decided_by').notNull(),
    decidedAt: timestamp('decided_at', { withTimezone: true }).notNull(),
    comment: text('comment'),
  },
  (table) => [
    primaryKey({
      name: 'plugin_approval_pkey',
      columns: [table.workspaceId, table.pluginId, table.digest, table.id],
    }),
  ],
)
