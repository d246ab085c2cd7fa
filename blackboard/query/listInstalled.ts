import { sql } from 'drizzle-orm/sql/sql'
import type { Manifest } from '../../core/model/manifest.ts'
import type { StateInService } from '../../core/model/pluginLife.ts'
import { statement } from '../statement.ts'

/** Installed plugins with the manifest of the version in use. */
export const listInstalled = statement<
  { workspaceId: number },
  {
    id: string
    state: StateInService
    digest: string
    version: string
    manifest: Manifest
    installedBy: string
    installedAt: Date
  }
>(
  (arg) => sql`
    select p.id, p.state, p.digest, v.version, v.manifest, v.installed_by as "installedBy",
      v.installed_at as "installedAt"
    from plugin p
    join plugin_version v on v.workspace_id = p.workspace_id and v.plugin_id = p.id
      and v.digest = p.digest
    where p.workspace_id = ${arg.workspaceId}::int and p.state in ('active', 'paused', 'quarantined', 'incompatible')
    order by p.id`,
)
