import { sql } from 'drizzle-orm/sql/sql'
import {
  bigint,
  integer,
  pgTable,
  primaryKey,
  real,
  smallint,
  text,
  timestamp,
} from 'drizzle-orm/pg-core'

export const agenda = pgTable(
  'agenda',
  {
    workspaceId: integer('workspace_id').notNull(),
    profileId: text('profile_id').notNull(),
    agent: text('agent').notNull(),
    priority: smallint('priority').notNull(),
    rank: smallint('rank'),
    position: bigint('position', { mode: 'number' })
      .notNull()
      .default(sql`nextval('agenda_position')`),
    causes: text('causes').array().notNull(),
    taken: integer('taken').notNull().default(0),
    hop: smallint('hop').notNull(),
    attempts: smallint('attempts').notNull().default(0),
    dueAt: timestamp('due_at', { withTimezone: true }),
    parked: text('parked'),
    lastError: text('last_error'),
    leaseOwner: text('lease_owner'),
    leaseEpoch: bigint('lease_epoch', { mode: 'number' }).notNull().default(0),
    enqueuedAt: timestamp('enqueued_at', { withTimezone: true }).notNull(),
    deadline: timestamp('deadline', { withTimezone: true }).notNull(),
    rating: real('rating').notNull().default(0),
    trail: text('trail').notNull().default(''),
    slots: smallint('slots').array().notNull(),
    need: smallint('need').notNull().default(1),
    joinMs: bigint('join_ms', { mode: 'number' }),
  },
  (table) => [
    primaryKey({
      name: 'agenda_has_one_row_per_profile_and_agent',
      columns: [table.workspaceId, table.profileId, table.agent],
    }),
  ],
)
