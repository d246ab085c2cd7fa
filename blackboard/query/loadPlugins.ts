import { sql } from 'drizzle-orm/sql/sql'
import type { Json } from '../../core/model/json.ts'
import type { TrustLevel } from '../../core/model/pluginTrust.ts'
import { acrossWorkspaces } from '../statement.ts'

/** Versions named by `keys`, a JSON list: what a node has to load, read in one go. */
export const loadPlugins = acrossWorkspaces<
  { keys: string },
  {
    workspaceId: number
    id: string
    digest: string
    version: string
    manifest: Json
    bundle: string
    readme: string | null
    trust: TrustLevel
    signer: string | null
    isContentAddressed: boolean
  }
>(
  (arg) => sql`
    select v.workspace_id as "workspaceId", v.plugin_id as id, v.digest, v.version, v.manifest, v.bundle,
      v.readme, v.trust, v.publisher_key as signer, v.content_addressed as "isContentAddressed"
    from json_to_recordset(${arg.keys}::text::json) as k ("workspaceId" int, id text, digest text)
    join plugin_version v on v.workspace_id = k."workspaceId" and v.plugin_id = k.id
      and v.digest = k.digest`,
)
