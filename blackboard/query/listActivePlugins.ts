import { sql } from 'drizzle-orm/sql/sql'
import { acrossWorkspaces } from '../statement.ts'

/**
 * Which plugin versions run in which workspace; small, asked often. The version in service first, then the one that is
 * tried beside it on a share of the profiles, if there is one.
 */
export const listActivePlugins = acrossWorkspaces<
  object,
  { workspaceId: number; id: string; digest: string; share: number | null }
>(
  () => sql`
    select workspace_id as "workspaceId", id, digest, null::smallint as share from plugin
    where state = 'active'
    union all
    select p.workspace_id, p.id, r.digest, r.share
    from plugin_rollout r
    join plugin p on p.workspace_id = r.workspace_id and p.id = r.plugin_id and p.state = 'active'
    where r.state = 'canary'
    order by "workspaceId", id, share nulls first`,
)
