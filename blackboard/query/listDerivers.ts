import { sql } from 'drizzle-orm/sql/sql'
import type { Manifest } from '../../core/model/manifest.ts'
import { statement } from '../statement.ts'

/**
 * The agents of every plugin that ever wrote here, and of those that are tried: what a removed one derived still
 * stands.
 */
export const listDerivers = statement<
  { workspaceId: number },
  { pluginId: string; agents: Manifest['agents'] }
>(
  (arg) => sql`
    select p.id as "pluginId", v.manifest -> 'agents' as agents
    from plugin p
    join plugin_version v on v.workspace_id = p.workspace_id and v.plugin_id = p.id
      and (v.digest = p.digest or v.digest in (select r.digest from plugin_rollout r
        where r.workspace_id = p.workspace_id and r.plugin_id = p.id and r.state = 'canary'))
    where p.workspace_id = ${arg.workspaceId}::int
    order by p.id`,
)
