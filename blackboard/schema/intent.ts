import { integer, jsonb, pgTable, primaryKey, smallint, text, timestamp } from 'drizzle-orm/pg-core'

export const intent = pgTable(
  'intent',
  {
    workspaceId: integer('workspace_id').notNull(),
    profileId: text('profile_id').notNull(),
    id: text('id').notNull(),
    agent: text('agent').notNull(),
    kind: text('kind').notNull(),
    resource: text('resource').notNull(),
    direction: text('direction'),
    proposal: jsonb('proposal'),
    state: text('state').notNull(),
    opposes: text('opposes'),
    vetoedBy: text('vetoed_by'),
    vetoReason: text('veto_reason'),
    activationId: text('activation_id'),
    cause: text('cause').notNull(),
    hop: smallint('hop').notNull(),
    trail: text('trail').notNull(),
    trace: text('trace'),
    announcedAt: timestamp('announced_at', { withTimezone: true }).notNull(),
    closesAt: timestamp('closes_at', { withTimezone: true }).notNull(),
    dueAt: timestamp('due_at', { withTimezone: true }),
    endedAt: timestamp('ended_at', { withTimezone: true }),
    resolvedBy: text('resolved_by'),
  },
  (table) => [
    primaryKey({ name: 'intent_pkey', columns: [table.workspaceId, table.profileId, table.id] }),
  ],
)
