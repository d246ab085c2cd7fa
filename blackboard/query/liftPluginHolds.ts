import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Lifts what a plugin's agents hold on profiles that the transaction has locked. The standing's version moves on,
 * and what was held for a lifted hold goes back before the gate.
 */
export const liftPluginHolds = statement<
  { workspaceId: number; pluginId: string; ids: readonly string[]; at: string },
  { holds: number; freed: number }
>(
  (arg) => sql`
    with held as materialized (
      select profile_id as id, (
        select count(*) from jsonb_array_elements(holds) as hold
        where split_part(hold ->> 'agent', '/', 1) = ${arg.pluginId}::text) as count
      from legal_state
      where workspace_id = ${arg.workspaceId}::int and profile_id = any(${arg.ids}::text[])
        and holds <> '[]'
      order by profile_id
      for update
    ), lifted as materialized (
      select id, count from held where count > 0
    ), changed as (
      update legal_state l
      set version = l.version + 1, updated_at = ${arg.at}::timestamptz,
        holds = coalesce((
          select jsonb_agg(hold order by nth)
          from jsonb_array_elements(l.holds) with ordinality as each (hold, nth)
          where split_part(hold ->> 'agent', '/', 1) <> ${arg.pluginId}::text), '[]')
      where l.workspace_id = ${arg.workspaceId}::int and l.profile_id = any(array(select id from lifted))
    ), members as materialized (
      select id from lifted
      union
      select id from profile
      where workspace_id = ${arg.workspaceId}::int and canonical_id <> id
        and canonical_id = any(array(select id from lifted))
    ), freed as (
      update activation a set state = 'proposed', due_at = ${arg.at}::timestamptz
      where a.workspace_id = ${arg.workspaceId}::int and a.profile_id = any(array(select id from members))
        and a.state = 'held'
      returning 1
    )
    select coalesce((select sum(count) from lifted), 0)::int as holds,
      (select count(*) from freed)::int as freed`,
)
