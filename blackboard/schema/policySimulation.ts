import { bigint, integer, jsonb, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'

export const policySimulation = pgTable(
  'policy_simulation',
  {
    workspaceId: integer('workspace_id').notNull(),
    id: text('id').notNull(),
    candidate: integer('candidate'),
    candidateSha256: text('candidate_sha256').notNull(),
    base: integer('base'),
    days: integer('days').notNull(),
    state: text('state').notNull(),
    done: bigint('done', { mode: 'number' }).notNull(),
    total: bigint('total', { mode: 'number' }).notNull(),
    result: jsonb('result'),
    failure: text('failure'),
    requestedBy: text('requested_by').notNull(),
    startedAt: timestamp('started_at', { withTimezone: true }).notNull(),
    beatAt: timestamp('beat_at', { withTimezone: true }).notNull(),
    finishedAt: timestamp('finished_at', { withTimezone: true }),
  },
  (table) => [
    primaryKey({ name: 'policy_simulation_pkey', columns: [table.workspaceId, table.id] }),
  ],
)
