import { sql } from 'drizzle-orm/sql/sql'
import { acrossWorkspaces } from '../statement.ts'

export interface Unsigned {
  workspaceId: number
  /** What the last checkpoint covers; 0 where there is none. */
  size: number
  peaks: string[]
}

/** Workspaces whose chain goes on beyond its last checkpoint. */
export const listUnsigned = acrossWorkspaces<object, Unsigned>(
  () => sql`
    select w.id as "workspaceId", coalesce(c.size, 0) as size, coalesce(c.peaks, '{}') as peaks
    from workspace w
    left join lateral (
      select size, peaks from audit_checkpoint where workspace_id = w.id order by size desc limit 1
    ) as c on true
    where exists (
      select from audit_entry e where e.workspace_id = w.id and e.seq > coalesce(c.size, 0)
    )`,
)
