import { integer, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'

export const followUp = pgTable(
  'follow_up',
  {
    workspaceId: integer('workspace_id').notNull(),
    profileId: text('profile_id').notNull(),
    id: text('id').notNull(),
    kind: text('kind').notNull(),
    purpose: text('purpose'),
    channel: text('channel').notNull(),
    destination: text('destination'),
    activationIds: text('activation_ids').array().notNull(),
    reason: text('reason').notNull(),
    state: text('state').notNull(),
    askedAt: timestamp('asked_at', { withTimezone: true }).notNull(),
    dueAt: timestamp('due_at', { withTimezone: true }).notNull(),
    attempts: integer('attempts').notNull().default(0),
    lastError: text('last_error'),
    leaseOwner: text('lease_owner'),
    updatedAt: timestamp('updated_at', { withTimezone: true }).notNull(),
    endedAt: timestamp('ended_at', { withTimezone: true }),
  },
  (table) => [
    primaryKey({
      name: 'follow_up_pkey',
      columns: [table.workspaceId, table.profileId, table.id],
    }),
  ],
)
