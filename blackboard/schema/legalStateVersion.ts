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

export const legalStateVersion = pgTable(
  'legal_state_version',
  {
    workspaceId: integer('workspace_id').notNull(),
    profileId: text('profile_id').notNull(),
    version: bigint('version', { mode: 'number' }).notNull(),
    restricted: boolean('restricted').notNull(),
    legalHold: boolean('legal_hold').notNull(),
    objections: text('objections').array().notNull(),
    holds: jsonb('holds').notNull(),
    gpc: boolean('gpc').notNull(),
    minorBand: text('minor_band'),
    jurisdiction: text('jurisdiction'),
    erasedAt: timestamp('erased_at', { withTimezone: true }),
    at: timestamp('at', { withTimezone: true }).notNull(),
  },
  (table) => [
    primaryKey({
      name: 'legal_state_version_pkey',
      columns: [table.workspaceId, table.profileId, table.version],
    }),
  ],
)
