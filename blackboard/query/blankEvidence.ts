import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** A reason code of ours; anything else may be text that a plugin or an officer wrote. */
const isCode = sql`'^[a-z][a-z0-9_]*$'`

/**
 * Blanks what has to stay as evidence about erased profiles: of an activation stays who proposed it, what for and
 * how it ended, and of its destination the host, which is what recipients must be told of; of a decision its
 * checks without free words, and nothing of what it was made from. What waited is recalled. The caller holds the
 * profiles and has moved their legal state.
 */
export const blankEvidence = statement<
  { workspaceId: number; ids: readonly string[]; at: string },
  { activation: number; recalled: string[]; decision: number }
>(
  (arg) => sql`
    with activation_blanked as (
      update activation a
      set content = '{}', risk = null, trace = null, destination = substring(a.destination from '^https?://[^/?#@]+'),
        last_error = case
          when a.state in ('proposed', 'held', 'approved') then 'erased'
          when a.last_error !~ ${isCode} then 'erased' else a.last_error end,
        state = case when a.state in ('proposed', 'held', 'approved') then 'recalled' else a.state end,
        updated_at = ${arg.at}::timestamptz
      from (
        select workspace_id, profile_id, id, state from activation
        where workspace_id = ${arg.workspaceId}::int and profile_id = any(${arg.ids}::text[])
        order by profile_id, id
        for update
      ) as before
      where a.workspace_id = before.workspace_id and a.profile_id = before.profile_id
        and a.id = before.id
      returning case when before.state in ('proposed', 'held', 'approved') then a.id end as recalled
    ), decision_blanked as (
      update decision d
      set inputs = null, reason = case when d.reason ~ ${isCode} then d.reason else 'erased' end,
        checks = coalesce((
          select jsonb_agg(case when c.value ->> 'reason' ~ ${isCode} then c.value
            else c.value || '{"reason": "erased"}'::jsonb end order by c.nth)
          from jsonb_array_elements(d.checks) with ordinality as c (value, nth)), '[]')
      where d.workspace_id = ${arg.workspaceId}::int and d.profile_id = any(${arg.ids}::text[])
      returning 1
    )
    select (select count(*) from activation_blanked)::int as activation,
      array(select recalled from activation_blanked where recalled is not null) as recalled,
      (select count(*) from decision_blanked)::int as decision`,
)
