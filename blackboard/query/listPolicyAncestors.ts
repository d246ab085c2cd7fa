import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** What can be rolled back to: what the active version replaced, what that one had replaced, and so on. */
export const listPolicyAncestors = statement<{ workspaceId: number }, { number: number }>(
  (arg) => sql`
    with recursive ancestor (number, depth) as (
      select previous, 1 from policy_version
      where workspace_id = ${arg.workspaceId}::int and status = 'active' and previous is not null
      union all
      select v.previous, a.depth + 1
      from ancestor a join policy_version v
        on v.workspace_id = ${arg.workspaceId}::int and v.number = a.number
      where v.previous is not null
    )
    select number from ancestor order by depth limit 1000`,
)
