import { bigint, integer, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'

export const traitSealing = pgTable(
  'trait_sealing',
  {
    workspaceId: integer('workspace_id').notNull(),
    key: text('key').notNull(),
    version: integer('version').notNull(),
    state: text('state').notNull(),
    pass: integer('pass').notNull().default(1),
    passBeganAt: timestamp('pass_began_at', { withTimezone: true }).notNull(),
    passFound: bigint('pass_found', { mode: 'number' }).notNull().default(0),
    position: text('position').notNull().default(''),
    profiles: bigint('profiles', { mode: 'number' }).notNull().default(0),
    changes: bigint('changes', { mode: 'number' }).notNull().default(0),
    events: bigint('events', { mode: 'number' }).notNull().default(0),
    requestedAt: timestamp('requested_at', { withTimezone: true }).notNull(),
    finishedAt: timestamp('finished_at', { withTimezone: true }),
  },
  (table) => [
    primaryKey({
      name: 'trait_sealing_pkey',
      columns: [table.workspaceId, table.key, table.version],
    }),
  ],
)
