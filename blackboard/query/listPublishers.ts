import { sql } from 'drizzle-orm/sql/sql'
import type { Publisher } from '../../core/model/pluginTrust.ts'
import { statement } from '../statement.ts'

export const listPublishers = statement<{ workspaceId: number }, Publisher>(
  (arg) => sql`
    select key, name, level, added_by as "addedBy", added_at as "addedAt" from plugin_publisher
    where workspace_id = ${arg.workspaceId}::int order by name, key`,
)
