import { bigint, integer, jsonb, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'

export const pluginHealth = pgTable(
  'plugin_health',
  {
    workspaceId: integer('workspace_id').notNull(),
    pluginId: text('plugin_id').notNull(),
    calls: bigint('calls', { mode: 'number' }).notNull().default(0),
    items: bigint('items', { mode: 'number' }).notNull().default(0),
    failures: bigint('failures', { mode: 'number' }).notNull().default(0),
    denials: bigint('denials', { mode: 'number' }).notNull().default(0),
    bytesOut: bigint('bytes_out', { mode: 'number' }).notNull().default(0),
    busyMs: bigint('busy_ms', { mode: 'number' }).notNull().default(0),
    latency: bigint('latency', { mode: 'number' }).array().notNull(),
    lastError: jsonb('last_error'),
    strikes: jsonb('strikes').notNull().default([]),
    quarantine: jsonb('quarantine'),
    okAt: timestamp('ok_at', { withTimezone: true }),
    activeAt: timestamp('active_at', { withTimezone: true }).notNull(),
    versionDigest: text('version_digest'),
    versionItems: bigint('version_items', { mode: 'number' }).notNull().default(0),
    versionFailures: bigint('version_failures', { mode: 'number' }).notNull().default(0),
    cpuMs: bigint('cpu_ms', { mode: 'number' }).notNull().default(0),
    writes: bigint('writes', { mode: 'number' }).notNull().default(0),
    conflicts: bigint('conflicts', { mode: 'number' }).notNull().default(0),
  },
  (table) => [
    primaryKey({ name: 'plugin_health_pkey', columns: [table.workspaceId, table.pluginId] }),
  ],
)
