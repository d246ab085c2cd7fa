import { sql } from 'drizzle-orm/sql/sql'
import { acrossWorkspaces } from '../statement.ts'

/** The sealing, of any workspace, whose pass has been due for longest. */
export const findSealing = acrossWorkspaces<
  { now: string },
  { workspaceId: number; key: string; version: number }
>(
  (arg) => sql`
    select workspace_id as "workspaceId", key, version from trait_sealing
    where state = 'sealing' and pass_began_at <= ${arg.now}::timestamptz
    order by pass_began_at limit 1`,
)
