import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** The last id of each `size` profiles in the order of their ids, merged ones too. */
export const listProfileRanges = statement<{ workspaceId: number; size: number }, { upTo: string }>(
  (arg) => sql`
    select max(id) as "upTo"
    from (
      select id, (row_number() over (order by id) - 1) / ${arg.size}::int as nth
      from profile where workspace_id = ${arg.workspaceId}::int
    ) as numbered
    group by nth order by nth`,
)
