import { sql } from 'drizzle-orm/sql/sql'
import type { PluginState } from '../../core/model/pluginLife.ts'
import { acrossWorkspaces } from '../statement.ts'

/** What plugins that run, or would but for the product's version, and canaries say of the versions that they fit. */
export const listFitness = acrossWorkspaces<
  object,
  {
    workspaceId: number
    id: string
    state: PluginState
    version: string
    digest: string
    isCanary: boolean
    range: string
    apiVersion: number
  }
>(
  () => sql`
    select p.workspace_id as "workspaceId", p.id, p.state, v.version, v.digest,
      v.digest <> p.digest as "isCanary",
      v.manifest -> 'engines' ->> 'slateboard' as range, (v.manifest ->> 'apiVersion')::int as "apiVersion"
    from plugin p
    join plugin_version v on v.workspace_id = p.workspace_id and v.plugin_id = p.id
      and (v.digest = p.digest or v.digest = (select digest from plugin_rollout r
        where r.workspace_id = p.workspace_id and r.plugin_id = p.id and r.state = 'canary'))
    where p.state in ('active', 'incompatible')
    order by p.workspace_id, p.id, "isCanary"`,
)
