import { integer, pgTable, primaryKey, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import { bytea } from './bytea.ts'

export const vault = pgTable(
  'vault',
  {
    workspaceId: integer('workspace_id').notNull(),
    profileId: text('profile_id').notNull(),
    key: text('key').notNull(),
    sealed: bytea('sealed').notNull(),
    blind: uuid('blind'),
    writtenAt: timestamp('written_at', { withTimezone: true }).notNull(),
  },
  (table) => [
    primaryKey({ name: 'vault_pkey', columns: [table.workspaceId, table.profileId, table.key] }),
  ],
)
