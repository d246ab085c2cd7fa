import { integer, jsonb, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'

export const consentMapping = pgTable(
  'consent_mapping',
  {
    workspaceId: integer('workspace_id').notNull(),
    dialect: text('dialect').notNull(),
    sourceId: text('source_id').notNull(),
    consentId: text('consent_id').notNull(),
    targets: jsonb('targets').notNull(),
    author: text('author').notNull(),
    definedAt: timestamp('defined_at', { withTimezone: true }).notNull(),
  },
  (table) => [
    primaryKey({
      name: 'consent_mapping_pkey',
      columns: [table.workspaceId, table.dialect, table.sourceId, table.consentId],
    }),
  ],
)
