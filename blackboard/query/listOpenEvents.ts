import { sql } from 'drizzle-orm/sql/sql'
import type { Json } from '../../core/model/json.ts'
import { statement } from '../statement.ts'

/** Events kept on these profiles that hold a trait, or a property of its name, in the open. */
export const listOpenEvents = statement<
  { workspaceId: number; ids: readonly string[]; key: string; limit: number },
  {
    profileId: string
    id: string
    /** Null when it does not hold it; a value that is null is told by the flag. */
    property: Json
    trait: Json
    hasProperty: boolean
    hasTrait: boolean
    sealed: Buffer | null
  }
>(
  (arg) => sql`
    select profile_id as "profileId", id, properties -> ${arg.key}::text as property,
      traits -> ${arg.key}::text as trait, coalesce(properties ? ${arg.key}::text, false) as "hasProperty",
      coalesce(traits ? ${arg.key}::text, false) as "hasTrait", sealed
    from event
    where workspace_id = ${arg.workspaceId}::int and profile_id = any(${arg.ids}::text[])
      and (properties ? ${arg.key}::text or traits ? ${arg.key}::text)
    limit ${arg.limit}::int`,
)
