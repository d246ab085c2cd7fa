import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Holds a plugin that is installed, so that one transaction at a time changes what is set for it. */
export const lockPlugin = statement<{ workspaceId: number; plugin: string }, { digest: string }>(
  (arg) => sql`
    select digest from plugin
    where workspace_id = ${arg.workspaceId}::int and id = ${arg.plugin}
      and state not in ('removed', 'purged')
    for no key update`,
)
