import { boolean, integer, jsonb, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'

export const consentCurrent = pgTable(
  'consent_current',
  {
    workspaceId: integer('workspace_id').notNull(),
    profileId: text('profile_id').notNull(),
    purpose: text('purpose').notNull(),
    channel: text('channel').notNull(),
    consentId: text('consent_id').notNull(),
    decision: text('decision').notNull(),
    basis: text('basis').notNull(),
    proof: jsonb('proof').notNull(),
    collectedAt: timestamp('collected_at', { withTimezone: true }).notNull(),
    expiresAt: timestamp('expires_at', { withTimezone: true }),
    jurisdiction: text('jurisdiction'),
    guardian: boolean('guardian').notNull().default(false),
  },
  (table) => [
    primaryKey({
      name: 'consent_is_one_per_purpose_channel_and_speaker',
      columns: [table.workspaceId, table.profileId, table.purpose, table.channel, table.guardian],
    }),
  ],
)
