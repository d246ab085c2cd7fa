import { bigint, integer, jsonb, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'

export const profile = pgTable(
  'profile',
  {
    workspaceId: integer('workspace_id').notNull(),
    id: text('id').notNull(),
    canonicalId: text('canonical_id').notNull(),
    traits: jsonb('traits').notNull().default({}),
    provenance: jsonb('provenance').notNull().default({}),
    revision: bigint('revision', { mode: 'number' }).notNull().default(0),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
    updatedAt: timestamp('updated_at', { withTimezone: true }).notNull(),
    erasedAt: timestamp('erased_at', { withTimezone: true }),
    disownedAt: timestamp('disowned_at', { withTimezone: true }),
  },
  (table) => [primaryKey({ name: 'profile_pkey', columns: [table.workspaceId, table.id] })],
)
