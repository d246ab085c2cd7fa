import { sql } from 'drizzle-orm/sql/sql'
import type { Manifest } from '../../core/model/manifest.ts'
import { statement } from '../statement.ts'

/** What the versions in service of all other plugins declare. */
export const listManifests = statement<
  { workspaceId: number; except: string },
  { manifest: Manifest }
>(
  (arg) => sql`
    select v.manifest
    from plugin p
    join plugin_version v on v.workspace_id = p.workspace_id and v.plugin_id = p.id and v.digest = p.digest
    where p.workspace_id = ${arg.workspaceId}::int and p.id <> ${arg.except}::text
      and p.state in ('active', 'paused', 'quarantined', 'incompatible')
    order by p.id`,
)
