import { sql } from 'drizzle-orm/sql/sql'
import type { Json } from '../../core/model/json.ts'
import { statement } from '../statement.ts'

export interface StateRow {
  /** The profile that was asked for; null of a key of the plugin's own state. */
  profileId: string | null
  key: string | null
  version: number
  /** 0 of state that stands on a profile which was merged into this one. */
  revision: number
  value: Json
}

/**
 * What a plugin keeps for profiles, and those of its own keys that are asked for. A profile without state of its
 * own has the newest of those that were merged into it; their rows stay, so that a merge can be taken back.
 */
export const loadStates = statement<
  { workspaceId: number; plugin: string; ids: readonly string[]; keys: readonly string[] },
  StateRow
>(
  (arg) => sql`
    select p.id as "profileId", null::text as key, s.version,
      case when s.profile_id = p.id then s.revision else 0 end as revision, s.state as value
    from profile p
    cross join lateral (
      select held.profile_id, held.version, held.revision, held.state
      from profile_state held
      where held.workspace_id = p.workspace_id and held.plugin_id = ${arg.plugin}
        and held.profile_id in (
          select p.id union all
          select member.id from profile member
          where member.workspace_id = p.workspace_id and member.canonical_id = p.id
            and member.canonical_id <> member.id)
      order by (held.profile_id = p.id) desc, held.updated_at desc, held.profile_id
      limit 1
    ) as s
    where p.workspace_id = ${arg.workspaceId}::int and p.id = any(${arg.ids}::text[])
    union all
    select null, k.key, k.version, k.revision, k.value
    from plugin_state k
    where k.workspace_id = ${arg.workspaceId}::int and k.plugin_id = ${arg.plugin}
      and k.key = any(${arg.keys}::text[])`,
)
