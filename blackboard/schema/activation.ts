import {
  bigint,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
} from 'drizzle-orm/pg-core'

export const activation = pgTable(
  'activation',
  {
    workspaceId: integer('workspace_id').notNull(),
    profileId: text('profile_id').notNull(),
    id: text('id').notNull(),
    proposerKind: text('proposer_kind').notNull(),
    proposerId: text('proposer_id').notNull(),
    purpose: text('purpose').notNull(),
    channel: text('channel').notNull(),
    destination: text('destination'),
    content: jsonb('content').notNull(),
    fields: text('fields').array().notNull().default([]),
    cause: text('cause').notNull(),
    state: text('state').notNull(),
    decisionId: text('decision_id'),
    legalVersion: bigint('legal_version', { mode: 'number' }),
    attempts: smallint('attempts').notNull().default(0),
    dueAt: timestamp('due_at', { withTimezone: true }).notNull(),
    lastError: text('last_error'),
    leaseOwner: text('lease_owner'),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
    updatedAt: timestamp('updated_at', { withTimezone: true }).notNull(),
    sentAt: timestamp('sent_at', { withTimezone: true }),
    sentAs: text('sent_as').array().notNull().default([]),
  },
  (table) => [
    primaryKey({
      name: 'activation_pkey',
      columns: [table.workspaceId, table.profileId, table.id],
    }),
  ],
)
