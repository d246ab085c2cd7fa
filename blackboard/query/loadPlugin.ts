import { sql } from 'drizzle-orm/sql/sql'
import type { Json } from '../../core/model/json.ts'
import { statement } from '../statement.ts'

export const loadPlugin = statement<
  { workspaceId: number; id: string; digest: string },
  { manifest: Json; bundle: string }
>(
  (arg) => sql`
    select manifest, bundle from plugin_version
    where workspace_id = ${arg.workspaceId}::int and plugin_id = ${arg.id} and digest = ${arg.digest}`,
)
