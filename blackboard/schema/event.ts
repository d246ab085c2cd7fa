import { integer, jsonb, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'
import { bytea } from './bytea.ts'

export const event = pgTable(
  'event',
  {
    workspaceId: integer('workspace_id').notNull(),
    profileId: text('profile_id').notNull(),
    id: text('id').notNull(),
    sourceId: text('source_id').notNull(),
    messageId: text('message_id').notNull(),
    type: text('type').notNull(),
    name: text('name').notNull(),
    properties: jsonb('properties'),
    traits: jsonb('traits'),
    context: jsonb('context'),
    sealed: bytea('sealed'),
    occurredAt: timestamp('occurred_at', { withTimezone: true }).notNull(),
    originalTimestamp: timestamp('original_timestamp', { withTimezone: true }),
    sentAt: timestamp('sent_at', { withTimezone: true }),
    receivedAt: timestamp('received_at', { withTimezone: true }).notNull(),
  },
  (table) => [
    primaryKey({
      name: 'event_pkey',
      columns: [table.workspaceId, table.profileId, table.id, table.receivedAt],
    }),
  ],
)
