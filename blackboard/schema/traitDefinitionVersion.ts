import {
  bigint,
  boolean,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
} from 'drizzle-orm/pg-core'

export const traitDefinitionVersion = pgTable(
  'trait_definition_version',
  {
    workspaceId: integer('workspace_id').notNull(),
    key: text('key').notNull(),
    version: integer('version').notNull(),
    dataClass: text('data_class').notNull(),
    schema: jsonb('schema'),
    purposes: text('purposes').array().notNull(),
    owner: text('owner'),
    owners: text('owners').array().notNull(),
    description: text('description').notNull(),
    conflictRule: text('conflict_rule').notNull(),
    mergeRule: text('merge_rule').notNull(),
    freshnessMs: bigint('freshness_ms', { mode: 'number' }),
    ttlMs: bigint('ttl_ms', { mode: 'number' }),
    registered: boolean('registered').notNull(),
    author: text('author').notNull(),
    reason: text('reason').notNull(),
    at: timestamp('at', { withTimezone: true }).notNull(),
    infers: text('infers').array(),
    shares: jsonb('shares'),
  },
  (table) => [
    primaryKey({
      name: 'trait_definition_version_pkey',
      columns: [table.workspaceId, table.key, table.version],
    }),
  ],
)
