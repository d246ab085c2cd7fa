import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Deletes, of profiles that the transaction has locked, what a plugin's agents said and did not stand: their votes, the
 * conflicts that they were in, and what they announced.
 */
export const purgeWords = statement<
  { workspaceId: number; pluginId: string; ids: readonly string[] },
  { words: number }
>(
  (arg) => sql`
    with conflicts as (
      delete from trait_conflict
      where workspace_id = ${arg.workspaceId}::int and profile_id = any(${arg.ids}::text[])
        and (split_part(loser, '/', 1) = ${arg.pluginId}::text
          or (winner_kind = 'agent' and split_part(winner, '/', 1) = ${arg.pluginId}::text))
      returning 1
    ), intents as (
      delete from intent
      where workspace_id = ${arg.workspaceId}::int and profile_id = any(${arg.ids}::text[])
        and split_part(agent, '/', 1) = ${arg.pluginId}::text
      returning 1
    ), vetoes as (
      update intent set veto_reason = null
      where workspace_id = ${arg.workspaceId}::int and profile_id = any(${arg.ids}::text[])
        and split_part(agent, '/', 1) <> ${arg.pluginId}::text
        and split_part(vetoed_by, '/', 1) = ${arg.pluginId}::text and veto_reason is not null
      returning 1
    ), said as materialized (
      select p.id, made.key, word.key as agent
      from profile p
      cross join lateral jsonb_each(p.provenance) as made
      cross join lateral jsonb_object_keys(made.value -> 'words') as word (key)
      where p.workspace_id = ${arg.workspaceId}::int and p.id = any(${arg.ids}::text[])
        and split_part(word.key, '/', 1) = ${arg.pluginId}::text
    ), kept as materialized (
      select p.id, jsonb_object_agg(said.key, jsonb_set(p.provenance -> said.key, '{words}',
        (p.provenance -> said.key -> 'words') - said.agents)) as made
      from (select id, key, array_agg(agent) as agents from said group by id, key) as said
      join profile p on p.workspace_id = ${arg.workspaceId}::int and p.id = said.id
      group by p.id
    ), changed as (
      update profile p set provenance = p.provenance || kept.made, revision = p.revision + 1
      from kept
      where p.workspace_id = ${arg.workspaceId}::int and p.id = any(${arg.ids}::text[]) and p.id = kept.id
    )
    select ((select count(*) from conflicts) + (select count(*) from said) + (select count(*) from intents)
      + (select count(*) from vetoes))::int as words`,
)
