import { integer, jsonb, pgTable, primaryKey, text, timestamp, uuid } from 'drizzle-orm/pg-core'

const time = (name: string) => timestamp(name, { withTimezone: true })

export const subjectRequest = pgTable(
  'subject_request',
  {
    workspaceId: integer('workspace_id').notNull(),
    id: text('id').notNull(),
    kind: text('kind').notNull(),
    state: text('state').notNull(),
    profileIds: text('profile_ids').array().notNull(),
    jurisdiction: text('jurisdiction'),
    regulation: text('regulation').notNull(),
    receivedAt: time('received_at').notNull(),
    acknowledgeBy: time('acknowledge_by'),
    acknowledgedAt: time('acknowledged_at'),
    dueAt: time('due_at').notNull(),
    extensionReason: text('extension_reason'),
    extendedAt: time('extended_at'),
    verification: text('verification').notNull().default('none'),
    refusals: jsonb('refusals').notNull().default([]),
    acts: integer('acts').notNull().default(0),
    purpose: text('purpose'),
    decisionProfileId: text('decision_profile_id'),
    decisionId: text('decision_id'),
    controllerRequestId: uuid('controller_request_id'),
    controllerDigest: uuid('controller_digest'),
    openedBy: text('opened_by').notNull(),
    overdueAt: time('overdue_at'),
    finishedAt: time('finished_at'),
    warnedAt: time('warned_at'),
    trait: text('trait'),
  },
  (table) => [primaryKey({ name: 'subject_request_pkey', columns: [table.workspaceId, table.id] })],
)
