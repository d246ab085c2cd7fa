import { boolean, integer, jsonb, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'

export const pluginVersion = pgTable(
  'plugin_version',
  {
    workspaceId: integer('workspace_id').notNull(),
    pluginId: text('plugin_id').notNull(),
    digest: text('digest').notNull(),
    version: text('version').notNull(),
    manifest: jsonb('manifest').notNull(),
    bundle: text('bundle').notNull(),
    installedBy: text('installed_by').notNull(),
    installedAt: timestamp('installed_at', { withTimezone: true }).notNull(),
    readme: text('readme'),
    trust: text('trust').notNull().default('local'),
    publisherKey: text('publisher_key'),
    contentAddressed: boolean('content_addressed').notNull().default(true),
  },
  (table) => [
    primaryKey({
      name: 'plugin_version_pkey',
      columns: [table.workspaceId, table.pluginId, table.digest],
    }),
  ],
)
