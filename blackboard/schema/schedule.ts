import {
  bigint,
  boolean,
  integer,
  pgTable,
  primaryKey,
  real,
  smallint,
  text,
  timestamp,
} from 'drizzle-orm/pg-core'
import { jsonpath } from './jsonpath.ts'

export const schedule = pgTable(
  'schedule',
  {
    workspaceId: integer('workspace_id').notNull(),
    agent: text('agent').notNull(),
    cron: text('cron').notNull(),
    timezone: text('timezone').notNull(),
    priority: smallint('priority').notNull(),
    guard: jsonpath('guard'),
    guardKeys: text('guard_keys').array().notNull(),
    deadlineMs: bigint('deadline_ms', { mode: 'number' }),
    rating: real('rating').notNull().default(0),
    ratingTrait: text('rating_trait'),
    nextAt: timestamp('next_at', { withTimezone: true }).notNull(),
    dueAt: timestamp('due_at', { withTimezone: true }),
    upto: text('upto'),
    asksIntervals: boolean('asks_intervals').notNull().default(false),
  },
  (table) => [
    primaryKey({
      name: 'schedule_pkey',
      columns: [table.workspaceId, table.agent, table.cron, table.timezone],
    }),
  ],
)
