import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Writes down how far a purge is, which the transaction has locked, and adds what its batch deleted. */
export const movePurge = statement<
  {
    workspaceId: number
    pluginId: string
    id: string
    passBeganAt: string
    passFound: number
    position: string
    profiles: number
    traitValues: number
    changes: number
    holds: number
    reactions: number
    finishedAt: string | null
  },
  { profiles: number; values: number; changes: number; holds: number; reactions: number }
>(
  (arg) => sql`
    update plugin_purge
    set pass_began_at = ${arg.passBeganAt}::timestamptz, pass_found = ${arg.passFound}::bigint,
      position = ${arg.position}::text, profiles = profiles + ${arg.profiles}::bigint,
      trait_values = trait_values + ${arg.traitValues}::bigint, changes = changes + ${arg.changes}::bigint,
      holds = holds + ${arg.holds}::bigint, reactions = reactions + ${arg.reactions}::bigint,
      finished_at = ${arg.finishedAt}::timestamptz,
      state = case when ${arg.finishedAt}::timestamptz is null then 'purging' else 'done' end
    where workspace_id = ${arg.workspaceId}::int and plugin_id = ${arg.pluginId}::text and id = ${arg.id}::text
    returning profiles, trait_values as "values", changes, holds, reactions`,
)
