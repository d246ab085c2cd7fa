import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Deletes, of profiles that the transaction has locked, what a plugin's agents wrote: the values whose author
 * they are, in the open and in the vault, and their entries in the change log. Values of others stay.
 */
export const purgeProfiles = statement<
  { workspaceId: number; pluginId: string; ids: readonly string[]; at: string },
  { profiles: number; traitValues: number; changes: number; reactions: number }
>(
  (arg) => sql`
    with written as materialized (
      select p.id, made.key, coalesce(made.value ->> 'vault', p.id) as home
      from profile p
      cross join lateral jsonb_each(p.provenance) as made
      where p.workspace_id = ${arg.workspaceId}::int and p.id = any(${arg.ids}::text[])
        and made.value -> 'author' ->> 'kind' = 'agent'
        and split_part(made.value -> 'author' ->> 'id', '/', 1) = ${arg.pluginId}::text
    ), dropped as materialized (
      select id, array_agg(key) as keys from written group by id
    ), changed as (
      update profile p
      set traits = p.traits - dropped.keys, provenance = p.provenance - dropped.keys,
        revision = p.revision + 1, updated_at = ${arg.at}::timestamptz
      from dropped
      where p.workspace_id = ${arg.workspaceId}::int and p.id = any(${arg.ids}::text[])
        and p.id = dropped.id
    ), told as (
      delete from change
      where workspace_id = ${arg.workspaceId}::int and profile_id = any(${arg.ids}::text[])
        and author_kind = 'agent' and split_part(author_id, '/', 1) = ${arg.pluginId}::text
      returning profile_id, id
    ), sealed as materialized (
      select home as profile_id, 'trait/' || key as key from written
      union all
      select profile_id, 'change/' || id from told
    ), unsealed as (
      delete from vault v using sealed
      where v.workspace_id = ${arg.workspaceId}::int
        and v.profile_id = any(array(select profile_id from sealed))
        and v.profile_id = sealed.profile_id and v.key = sealed.key
    ), waited as (
      delete from agenda
      where workspace_id = ${arg.workspaceId}::int and profile_id = any(${arg.ids}::text[])
        and split_part(agent, '/', 1) = ${arg.pluginId}::text
      returning 1
    )
    select (select count(*) from dropped)::int as profiles,
      (select count(*) from written)::int as "traitValues",
      (select count(*) from told)::int as changes, (select count(*) from waited)::int as reactions`,
)
