import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Writes what a plugin keeps, for profiles (`states`, JSON objects, one each per id) and for itself (`values`,
 * JSON or null for a key that goes). Whoever calls holds the profiles and, for keys, the plugin's state.
 */
export const writeStates = statement<
  {
    workspaceId: number
    plugin: string
    version: number
    ids: readonly string[]
    states: readonly string[]
    stateBytes: readonly number[]
    keys: readonly string[]
    values: readonly (string | null)[]
    valueBytes: readonly number[]
    at: string
  },
  never
>(
  (arg) => sql`
    with kept as (
      insert into profile_state
        (workspace_id, profile_id, plugin_id, version, revision, state, bytes, updated_at)
      select ${arg.workspaceId}::int, new.id, ${arg.plugin}::text, ${arg.version}::int,
        nextval('state_revision'), new.state::jsonb, new.bytes, ${arg.at}::timestamptz
      from unnest(${arg.ids}::text[], ${arg.states}::text[], ${arg.stateBytes}::int[])
        as new (id, state, bytes)
      on conflict (workspace_id, profile_id, plugin_id) do update
      set version = excluded.version, revision = excluded.revision, state = excluded.state,
        bytes = excluded.bytes, updated_at = excluded.updated_at
    ), dropped as (
      delete from plugin_state k
      using unnest(${arg.keys}::text[], ${arg.values}::text[]) as new (key, value)
      where k.workspace_id = ${arg.workspaceId}::int and k.plugin_id = ${arg.plugin}
        and k.key = new.key and new.value is null
    )
    insert into plugin_state
      (workspace_id, plugin_id, key, version, revision, value, bytes, updated_at)
    select ${arg.workspaceId}::int, ${arg.plugin}::text, new.key, ${arg.version}::int,
      nextval('state_revision'), new.value::jsonb, new.bytes, ${arg.at}::timestamptz
    from unnest(${arg.keys}::text[], ${arg.values}::text[], ${arg.valueBytes}::int[])
      as new (key, value, bytes)
    where new.value is not null
    on conflict (workspace_id, plugin_id, key) do update
    set version = excluded.version, revision = excluded.revision, value = excluded.value,
      bytes = excluded.bytes, updated_at = excluded.updated_at`,
)
