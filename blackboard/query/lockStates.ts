import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Locks what a plugin keeps for profiles, in id order, and tells at which revision it is. */
export const lockStates = statement<
  { workspaceId: number; plugin: string; ids: readonly string[] },
  { profileId: string; revision: number }
>(
  (arg) => sql`
    select profile_id as "profileId", revision from profile_state
    where workspace_id = ${arg.workspaceId}::int and profile_id = any(${arg.ids}::text[])
      and plugin_id = ${arg.plugin}
    order by profile_id for update`,
)
