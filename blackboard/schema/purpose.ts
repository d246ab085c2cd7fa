import { boolean, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'

export const purpose = pgTable(
  'purpose',
  {
    workspaceId: integer('workspace_id').notNull(),
    key: text('key').notNull(),
    description: text('description').notNull(),
    bases: text('bases').array().notNull(),
    needsGrant: boolean('needs_grant').notNull(),
    ttlDays: integer('ttl_days'),
    doubleOptIn: text('double_opt_in').array().notNull().default([]),
  },
  (table) => [primaryKey({ name: 'purpose_pkey', columns: [table.workspaceId, table.key] })],
)
