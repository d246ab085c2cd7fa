import { sql } from 'drizzle-orm/sql/sql'
import type { Json } from '../../core/model/json.ts'
import { statement } from '../statement.ts'

/** Versions of a plugin's config, the newest first; all, or the one that is asked for. */
export const listConfigVersions = statement<
  { workspaceId: number; plugin: string; number: number | null; limit: number },
  {
    number: number
    config: Json
    secrets: string[]
    returnsTo: number | null
    author: string
    reason: string | null
    setAt: Date
  }
>(
  (arg) => sql`
    select number, config, secrets, returns_to as "returnsTo", author, reason, set_at as "setAt"
    from plugin_config_version
    where workspace_id = ${arg.workspaceId}::int and plugin_id = ${arg.plugin}
      and (${arg.number}::int is null or number = ${arg.number}::int)
    order by number desc limit ${arg.limit}::int`,
)
