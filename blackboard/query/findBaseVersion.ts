import { sql } from 'drizzle-orm/sql/sql'
import type { Manifest } from '../../core/model/manifest.ts'
import type { TrustLevel } from '../../core/model/pluginTrust.ts'
import { statement } from '../statement.ts'

/** The version that is in service, if one is: what another is compared with. */
export const findBaseVersion = statement<
  { workspaceId: number; id: string },
  { digest: string; version: string; manifest: Manifest; trust: TrustLevel; signer: string | null }
>(
  (arg) => sql`
    select v.digest, v.version, v.manifest, v.trust, v.publisher_key as signer
    from plugin p
    join plugin_version v on v.workspace_id = p.workspace_id and v.plugin_id = p.id and v.digest = p.digest
    where p.workspace_id = ${arg.workspaceId}::int and p.id = ${arg.id}::text
      and p.state in ('active', 'paused', 'quarantined', 'incompatible')`,
)
