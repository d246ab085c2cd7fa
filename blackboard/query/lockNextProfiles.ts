import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Locks the next profiles by id, merged ones too. */
export const lockNextProfiles = statement<
  { workspaceId: number; after: string; limit: number },
  { id: string }
>(
  (arg) => sql`
    select id from profile
    where workspace_id = ${arg.workspaceId}::int and id > ${arg.after}::text collate "C"
    order by id limit ${arg.limit}::int
    for update`,
)
