import { integer, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'

export const consentConflict = pgTable(
  'consent_conflict',
  {
    workspaceId: integer('workspace_id').notNull(),
    profileId: text('profile_id').notNull(),
    grantId: text('grant_id').notNull(),
    refusalId: text('refusal_id').notNull(),
    purpose: text('purpose').notNull(),
    channel: text('channel').notNull(),
    foundAt: timestamp('found_at', { withTimezone: true }).notNull(),
  },
  (table) => [
    primaryKey({
      name: 'consent_conflict_pkey',
      columns: [table.workspaceId, table.profileId, table.grantId, table.refusalId],
    }),
  ],
)
