import {
  bigint,
  boolean,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
} from 'drizzle-orm/pg-core'

export const legalState = pgTable(
  'legal_state',
  {
    workspaceId: integer('workspace_id').notNull(),
    profileId: text('profile_id').notNull(),
    version: bigint('version', { mode: 'number' }).notNull().default(1),
    restricted: boolean('restricted').notNull().default(false),
    legalHold: boolean('legal_hold').notNull().default(false),
    objections: text('objections').array().notNull().default([]),
    holds: jsonb('holds').notNull().default([]),
    gpc: boolean('gpc').notNull().default(false),
    minorBand: text('minor_band'),
    jurisdiction: text('jurisdiction'),
    erasedAt: timestamp('erased_at', { withTimezone: true }),
    updatedAt: timestamp('updated_at', { withTimezone: true }).notNull(),
    jurisdictionSource: text('jurisdiction_source'),
    ageClaims: jsonb('age_claims').notNull().default([]),
  },
  (table) => [
    primaryKey({ name: 'legal_state_pkey', columns: [table.workspaceId, table.profileId] }),
  ],
)
