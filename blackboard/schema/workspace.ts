import { boolean, integer, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'

export const workspace = pgTable(
  'workspace',
  {
    id: integer('id').generatedByDefaultAsIdentity().notNull(),
    name: text('name').notNull(),
    paused: boolean('paused').notNull().default(false),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [primaryKey({ name: 'workspace_pkey', columns: [table.id] })],
)
