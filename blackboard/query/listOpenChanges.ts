import { sql } from 'drizzle-orm/sql/sql'
import type { Json } from '../../core/model/json.ts'
import { statement } from '../statement.ts'

/** Changes of a trait on these profiles that show its value. */
export const listOpenChanges = statement<
  { workspaceId: number; ids: readonly string[]; key: string; limit: number },
  { profileId: string; id: string; value: Json }
>(
  (arg) => sql`
    select profile_id as "profileId", id, value from change
    where workspace_id = ${arg.workspaceId}::int and profile_id = any(${arg.ids}::text[])
      and kind = 'trait' and key = ${arg.key}::text and value is not null
    limit ${arg.limit}::int`,
)
