import { bigint, integer, jsonb, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'

export const decision = pgTable(
  'decision',
  {
    workspaceId: integer('workspace_id').notNull(),
    profileId: text('profile_id').notNull(),
    id: text('id').notNull(),
    activationId: text('activation_id').notNull(),
    kind: text('kind').notNull(),
    outcome: text('outcome').notNull(),
    reason: text('reason').notNull(),
    checks: jsonb('checks').notNull(),
    policyNumber: integer('policy_number'),
    policyHash: text('policy_hash'),
    legalVersion: bigint('legal_version', { mode: 'number' }).notNull(),
    profileRevision: bigint('profile_revision', { mode: 'number' }).notNull(),
    engine: text('engine').notNull(),
    obligations: jsonb('obligations').notNull().default({}),
    validUntil: timestamp('valid_until', { withTimezone: true }),
    decidedAt: timestamp('decided_at', { withTimezone: true }).notNull(),
    inputs: jsonb('inputs'),
  },
  (table) => [
    primaryKey({ name: 'decision_pkey', columns: [table.workspaceId, table.profileId, table.id] }),
  ],
)
