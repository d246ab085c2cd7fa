import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** The keys of a plugin's own state, without their values. */
export const listStateKeys = statement<
  { workspaceId: number; plugin: string },
  { key: string; revision: number; bytes: number }
>(
  (arg) => sql`
    select key, revision, bytes from plugin_state
    where workspace_id = ${arg.workspaceId}::int and plugin_id = ${arg.plugin}`,
)
