import { sql } from 'drizzle-orm/sql/sql'
import { acrossWorkspaces } from '../statement.ts'

/** Which plugin version is active in which workspace; small, asked often. */
export const listActivePlugins = acrossWorkspaces<
  object,
  { workspaceId: number; id: string; digest: string }
>(
  () => sql`
    select workspace_id as "workspaceId", id, digest from plugin
    where state = 'active' order by workspace_id, id`,
)
