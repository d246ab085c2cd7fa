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

export const traitDefinition = pgTable(
  'trait_definition',
  {
    workspaceId: integer('workspace_id').notNull(),
    key: text('key').notNull(),
    dataClass: text('data_class').notNull(),
    schema: jsonb('schema'),
    purposes: text('purposes').array().notNull().default([]),
    owner: text('owner'),
    registered: boolean('registered').notNull(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
    version: integer('version').notNull().default(1),
    description: text('description').notNull().default(''),
    owners: text('owners').array().notNull().default([]),
    conflictRule: text('conflict_rule').notNull().default('latest'),
    mergeRule: text('merge_rule').notNull().default('latest'),
    freshnessMs: bigint('freshness_ms', { mode: 'number' }),
    ttlMs: bigint('ttl_ms', { mode: 'number' }),
    openedAt: timestamp('opened_at', { withTimezone: true }),
    firstSource: text('first_source'),
    author: text('author').notNull().default('system'),
    updatedAt: timestamp('updated_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ name: 'trait_definition_pkey', columns: [table.workspaceId, table.key] }),
  ],
)
