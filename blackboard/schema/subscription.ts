import {
  bigint,
  boolean,
  doublePrecision,
  integer,
  pgTable,
  primaryKey,
  real,
  smallint,
  text,
} from 'drizzle-orm/pg-core'
import { jsonpath } from './jsonpath.ts'

export const subscription = pgTable(
  'subscription',
  {
    workspaceId: integer('workspace_id').notNull(),
    kind: text('kind').notNull(),
    key: text('key').notNull(),
    agent: text('agent').notNull(),
    priority: smallint('priority').notNull(),
    guard: jsonpath('guard'),
    guardKeys: text('guard_keys').array().notNull(),
    above: doublePrecision('above'),
    below: doublePrecision('below'),
    deadlineMs: bigint('deadline_ms', { mode: 'number' }),
    rating: real('rating').notNull().default(0),
    ratingTrait: text('rating_trait'),
    visitsMax: smallint('visits_max').notNull().default(4),
    maxAgeMs: bigint('max_age_ms', { mode: 'number' }),
    slot: smallint('slot').notNull().default(0),
    need: smallint('need').notNull().default(1),
    joinMs: bigint('join_ms', { mode: 'number' }),
    asksIntervals: boolean('asks_intervals').notNull().default(false),
  },
  (table) => [
    primaryKey({
      name: 'subscription_pkey',
      columns: [table.workspaceId, table.kind, table.key, table.agent],
    }),
  ],
)
