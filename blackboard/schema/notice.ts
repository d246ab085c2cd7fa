import { integer, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'

export const notice = pgTable(
  'notice',
  {
    workspaceId: integer('workspace_id').notNull(),
    id: text('id').notNull(),
    version: text('version').notNull(),
    language: text('language').notNull(),
    number: integer('number').notNull(),
    sha256: text('sha256').notNull(),
    text: text('text').notNull(),
    purposes: text('purposes').array().notNull(),
    accepts: text('accepts').notNull(),
    author: text('author').notNull(),
    publishedAt: timestamp('published_at', { withTimezone: true }).notNull(),
  },
  (table) => [
    primaryKey({
      name: 'notice_pkey',
      columns: [table.workspaceId, table.id, table.version, table.language],
    }),
  ],
)
