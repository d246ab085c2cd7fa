import { integer, jsonb, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'

export const consentEvent = pgTable(
  'consent_event',
  {
    workspaceId: integer('workspace_id').notNull(),
    profileId: text('profile_id').notNull(),
    id: text('id').notNull(),
    purpose: text('purpose').notNull(),
    channel: text('channel').notNull(),
    decision: text('decision').notNull(),
    basis: text('basis').notNull(),
    proof: jsonb('proof').notNull().default({}),
    actor: text('actor').notNull(),
    collectedAt: timestamp('collected_at', { withTimezone: true }).notNull(),
    receivedAt: timestamp('received_at', { withTimezone: true }).notNull(),
    expiresAt: timestamp('expires_at', { withTimezone: true }),
    jurisdiction: text('jurisdiction'),
  },
  (table) => [
    primaryKey({
      name: 'consent_event_pkey',
      columns: [table.workspaceId, table.profileId, table.id],
    }),
  ],
)
