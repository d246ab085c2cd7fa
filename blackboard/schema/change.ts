import {
  integer,
  jsonb,
  pgTable,
  primaryKey,
  real,
  smallint,
  text,
  timestamp,
} from 'drizzle-orm/pg-core'

export const change = pgTable(
  'change',
  {
    workspaceId: integer('workspace_id').notNull(),
    profileId: text('profile_id').notNull(),
    id: text('id').notNull(),
    kind: text('kind').notNull(),
    key: text('key').notNull(),
    value: jsonb('value'),
    confidence: real('confidence'),
    revision: integer('revision'),
    authorKind: text('author_kind').notNull(),
    authorId: text('author_id').notNull(),
    cause: text('cause').notNull(),
    hop: smallint('hop').notNull().default(0),
    at: timestamp('at', { withTimezone: true }).notNull(),
  },
  (table) => [
    primaryKey({
      name: 'change_pkey',
      columns: [table.workspaceId, table.profileId, table.id, table.at],
    }),
  ],
)
