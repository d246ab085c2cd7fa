import { sql } from 'drizzle-orm/sql/sql'
import type { Json } from '../../core/model/json.ts'
import { statement } from '../statement.ts'

/** What plugins keep for one profile, in the order of their ids. */
export const pageStates = statement<
  { workspaceId: number; profileId: string; after: string; limit: number },
  { id: string; state: Json; updatedAt: Date }
>(
  (arg) => sql`
    select plugin_id as id, state, updated_at as "updatedAt"
    from profile_state
    where workspace_id = ${arg.workspaceId}::int and profile_id = ${arg.profileId}
      and plugin_id > ${arg.after}
    order by plugin_id limit ${arg.limit}::int`,
)
