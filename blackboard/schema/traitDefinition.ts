import { boolean, integer, jsonb, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'

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
  },
  (table) => [
    primaryKey({ name: 'trait_definition_pkey', columns: [table.workspaceId, table.key] }),
  ],
)
