import { sql } from 'drizzle-orm/sql/sql'
import type { Capability, TrustLevel } from '../../core/model/pluginTrust.ts'
import { statement } from '../statement.ts'

/** What the workspace asks for beside what is shipped. */
export const listTrust = statement<
  { workspaceId: number },
  { capability: Capability; level: TrustLevel }
>(
  (arg) => sql`
    select capability, level from plugin_trust where workspace_id = ${arg.workspaceId}::int`,
)
