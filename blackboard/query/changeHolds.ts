import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Sets and lifts holds of one agent. The row's version moves on, so that what was approved before is decided
 * again at dispatch; what was held for a lifted hold goes back before the gate.
 */
export const changeHolds = statement<
  { workspaceId: number; agent: string; ids: readonly string[]; holds: string; at: string },
  { freed: number }
>(
  (arg) => sql`
    with wanted as (
      select * from json_to_recordset(${arg.holds}::text::json)
        as w ("profileId" text, added jsonb, dropped jsonb)
    ), locked as (
      select profile_id from legal_state
      where workspace_id = ${arg.workspaceId}::int and profile_id = any(${arg.ids}::text[])
      order by profile_id
      for update
    ), changed as (
      update legal_state l
      set version = l.version + 1, updated_at = ${arg.at}::timestamptz,
        holds = wanted.added || coalesce((
          select jsonb_agg(hold) from jsonb_array_elements(l.holds) as hold
          where not (hold ->> 'agent' = ${arg.agent} and wanted.dropped ? (hold ->> 'purpose'))), '[]')
      from wanted join locked on locked.profile_id = wanted."profileId"
      where l.workspace_id = ${arg.workspaceId}::int and l.profile_id = any(${arg.ids}::text[])
        and l.profile_id = wanted."profileId"
    ), lifted as materialized (
      select "profileId" as id from wanted where jsonb_array_length(dropped) > 0
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
    select count(*) as freed from freed`,
)
