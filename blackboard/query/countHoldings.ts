import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

export interface HoldingsRow {
  versions: number
  subscriptions: number
  reactions: number
  traits: string[]
  profiles: number
  values: number
  changes: number
  holds: number
  /** Profiles of which it remembers something. */
  states: number
  /** What it remembers for itself. */
  keys: number
  secrets: number
}

/** All that a plugin has in the workspace, counted exactly. Reads every profile: for a look before a purge. */
export const countHoldings = statement<{ workspaceId: number; id: string }, HoldingsRow>(
  (arg) => sql`
    with written as materialized (
      select p.id
      from profile p
      cross join lateral jsonb_each(p.provenance) as made
      where p.workspace_id = ${arg.workspaceId}::int and made.value -> 'author' ->> 'kind' = 'agent'
        and split_part(made.value -> 'author' ->> 'id', '/', 1) = ${arg.id}::text
    )
    select
      (select count(*) from plugin_version
        where workspace_id = ${arg.workspaceId}::int and plugin_id = ${arg.id}::text)::int as versions,
      (select count(*) from subscription where workspace_id = ${arg.workspaceId}::int
        and split_part(agent, '/', 1) = ${arg.id}::text)::int as subscriptions,
      (select count(*) from agenda where workspace_id = ${arg.workspaceId}::int
        and split_part(agent, '/', 1) = ${arg.id}::text)::int as reactions,
      array(select key from trait_definition where workspace_id = ${arg.workspaceId}::int
        and split_part(owner, '/', 1) = ${arg.id}::text order by key) as traits,
      (select count(distinct id) from written)::int as profiles,
      (select count(*) from written)::int as "values",
      (select count(*) from change where workspace_id = ${arg.workspaceId}::int and author_kind = 'agent'
        and split_part(author_id, '/', 1) = ${arg.id}::text)::int as changes,
      (select count(*) from legal_state l cross join lateral jsonb_array_elements(l.holds) as hold
        where l.workspace_id = ${arg.workspaceId}::int
        and split_part(hold ->> 'agent', '/', 1) = ${arg.id}::text)::int as holds,
      (select count(*) from profile_state
        where workspace_id = ${arg.workspaceId}::int and plugin_id = ${arg.id}::text)::int as states,
      (select count(*) from plugin_state
        where workspace_id = ${arg.workspaceId}::int and plugin_id = ${arg.id}::text)::int as keys,
      (select count(*) from plugin_secret
        where workspace_id = ${arg.workspaceId}::int and plugin_id = ${arg.id}::text)::int as secrets`,
)
