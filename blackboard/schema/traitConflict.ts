import {
  boolean,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  real,
  text,
  timestamp,
} from 'drizzle-orm/pg-core'

export const traitConflict = pgTable(
  'trait_conflict',
  {
    workspaceId: integer('workspace_id').notNull(),
    profileId: text('profile_id').notNull(),
    id: text('id').notNull(),
    trait: text('trait').notNull(),
    rule: text('rule').notNull(),
    winnerKind: text('winner_kind').notNull(),
    winner: text('winner').notNull(),
    loser: text('loser').notNull(),
    value: jsonb('value'),
    stood: jsonb('stood'),
    isSealed: boolean('is_sealed').notNull().default(false),
    confidence: real('confidence').notNull(),
    winnerConfidence: real('winner_confidence').notNull(),
    revision: integer('revision').notNull(),
    times: integer('times').notNull().default(1),
    state: text('state').notNull(),
    resolution: text('resolution'),
    resolvedBy: text('resolved_by'),
    resolvedAt: timestamp('resolved_at', { withTimezone: true }),
    foundAt: timestamp('found_at', { withTimezone: true }).notNull(),
    at: timestamp('at', { withTimezone: true }).notNull(),
  },
  (table) => [
    primaryKey({
      name: 'trait_conflict_pkey',
      columns: [table.workspaceId, table.profileId, table.id],
    }),
  ],
)
