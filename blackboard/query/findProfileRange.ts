import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** The next profiles by id, merged ones too: how many there are and the last of them, null for none. */
export const findProfileRange = statement<
  { workspaceId: number; after: string; limit: number },
  { count: number; upTo: string | null }
>(
  (arg) => sql`
    select count(*)::int as count, max(id) as "upTo" from (
      select id from profile
      where workspace_id = ${arg.workspaceId}::int and id > ${arg.after}
      order by id limit ${arg.limit}::int
    ) as next`,
)
