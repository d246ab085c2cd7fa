import { sql } from 'drizzle-orm/sql/sql'
import type { Json } from '../../core/model/json.ts'
import type { TrustLevel } from '../../core/model/pluginTrust.ts'
import { statement } from '../statement.ts'

export const loadPlugin = statement<
  { workspaceId: number; id: string; digest: string },
  {
    version: string
    manifest: Json
    bundle: string
    readme: string | null
    trust: TrustLevel
    signer: string | null
    /** The digest says what manifest and bundle are. */
    isContentAddressed: boolean
  }
>(
  (arg) => sql`
    select version, manifest, bundle, readme, trust, publisher_key as signer,
      content_addressed as "isContentAddressed"
    from plugin_version
    where workspace_id = ${arg.workspaceId}::int and plugin_id = ${arg.id} and digest = ${arg.digest}`,
)
