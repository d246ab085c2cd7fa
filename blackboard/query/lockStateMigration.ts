import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Takes a migration for one batch; nothing when another node has it, is further, or when it is over. */
export const lockStateMigration = statement<
  { workspaceId: number; plugin: string; version: number; position: string },
  { position: string }
>(
  (arg) => sql`
    select position from state_migration
    where workspace_id = ${arg.workspaceId}::int and plugin_id = ${arg.plugin}
      and version = ${arg.version}::int and position = ${arg.position} and state = 'migrating'
    for update skip locked`,
)
