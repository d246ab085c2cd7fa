import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Takes a trait and the property of its name out of events; `sealed` (base64) holds it from now on. */
export const sealEvents = statement<
  {
    workspaceId: number
    key: string
    profileIds: readonly string[]
    ids: readonly string[]
    sealed: readonly (string | null)[]
  },
  never
>(
  (arg) => sql`
    update event e
    set properties = nullif(e.properties - ${arg.key}::text, '{}'),
      traits = nullif(e.traits - ${arg.key}::text, '{}'),
      sealed = coalesce(decode(new.sealed, 'base64'), e.sealed)
    from unnest(${arg.profileIds}::text[], ${arg.ids}::text[], ${arg.sealed}::text[])
      as new (profile, id, sealed)
    where e.workspace_id = ${arg.workspaceId}::int and e.profile_id = any(${arg.profileIds}::text[])
      and e.profile_id = new.profile and e.id = new.id`,
)
