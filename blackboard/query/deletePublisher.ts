import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Gives no row when the key was not known. */
export const deletePublisher = statement<{ workspaceId: number; key: string }, { name: string }>(
  (arg) => sql`
    delete from plugin_publisher
    where workspace_id = ${arg.workspaceId}::int and key = ${arg.key}::text
    returning name`,
)
