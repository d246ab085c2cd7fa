import { sql } from 'drizzle-orm/sql/sql'
import type { Json } from '../../core/model/json.ts'
import { statement } from '../statement.ts'

/** The manifest of a plugin version that was ever installed. */
export const findManifest = statement<
  { workspaceId: number; id: string; digest: string },
  { manifest: Json }
>(
  (arg) => sql`
    select manifest from plugin_version
    where workspace_id = ${arg.workspaceId}::int and plugin_id = ${arg.id} and digest = ${arg.digest}`,
)
