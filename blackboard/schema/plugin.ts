import { integer, pgTable, primaryKey, smallint, text, timestamp } from 'drizzle-orm/pg-core'

export const plugin = pgTable(
  'plugin',
  {
    workspaceId: integer('workspace_id').notNull(),
    id: text('id').notNull(),
    state: text('state').notNull(),
    digest: text('digest'),
    previousDigest: text('previous_digest'),
    updatedAt: timestamp('updated_at', { withTimezone: true }).notNull(),
    candidateDigest: text('candidate_digest'),
    candidateBy: text('candidate_by'),
    candidateAt: timestamp('candidate_at', { withTimezone: true }),
    reason: text('reason'),
    candidateShare: smallint('candidate_share'),
  },
  (table) => [primaryKey({ name: 'plugin_pkey', columns: [table.workspaceId, table.id] })],
)
