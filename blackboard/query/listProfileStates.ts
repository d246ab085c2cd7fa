import { sql } from 'drizzle-orm/sql/sql'
import type { Json } from '../../core/model/json.ts'
import { statement } from '../statement.ts'

/** What a plugin keeps for profiles beyond one, in id order; a page of it, whatever its version. */
export const listProfileStates = statement<
  { workspaceId: number; plugin: string; after: string; limit: number },
  { profileId: string; version: number; revision: number; state: Json }
>(
  (arg) => sql`
    select profile_id as "profileId", version, revision, state
    from profile_state
    where workspace_id = ${arg.workspaceId}::int and plugin_id = ${arg.plugin}
      and profile_id > ${arg.after}
    order by profile_id limit ${arg.limit}::int`,
)
