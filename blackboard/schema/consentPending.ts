import { integer, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'

export const consentPending = pgTable(
  'consent_pending',
  {
    workspaceId: integer('workspace_id').notNull(),
    profileId: text('profile_id').notNull(),
    purpose: text('purpose').notNull(),
    channel: text('channel').notNull(),
    consentId: text('consent_id').notNull(),
    requestedAt: timestamp('requested_at', { withTimezone: true }).notNull(),
    expiresAt: timestamp('expires_at', { withTimezone: true }).notNull(),
    tokenHash: text('token_hash'),
  },
  (table) => [
    primaryKey({
      name: 'consent_pending_is_one_per_purpose_and_channel',
      columns: [table.workspaceId, table.profileId, table.purpose, table.channel],
    }),
  ],
)
