import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Writes down what agents announce, in the transaction that holds the canonical profiles. What the same agent had
 * announced of the same thing lapses; of two that name different directions of one resource neither is carried out
 * until a person chooses. `intents` is JSON.
 */
export const announceIntents = statement<
  { workspaceId: number; profileIds: readonly string[]; intents: string; at: string },
  { id: string }
>(
  (arg) => sql`
    with new as materialized (
      select * from json_to_recordset(${arg.intents}::text::json)
        as n ("profileId" text, id text, agent text, kind text, resource text, direction text, proposal jsonb,
          cause text, hop smallint, trail text, trace text, "closesAt" timestamptz)
    ), waiting as materialized (
      select i.*, p.canonical_id as canonical
      from profile p
      join intent i on i.workspace_id = p.workspace_id and i.profile_id = p.id and i.state in ('open', 'conflicted')
      where p.workspace_id = ${arg.workspaceId}::int and p.canonical_id = any(${arg.profileIds}::text[])
    ), all_of as materialized (
      select canonical, id, agent, resource, direction from waiting w
      where not exists (select from new n where n."profileId" = w.canonical and n.agent = w.agent
        and n.kind = w.kind and n.resource = w.resource)
      union all
      select "profileId", id, agent, resource, direction from new
    ), opposed as materialized (
      select one.id, min(other.id) as opposes
      from all_of one join all_of other on other.canonical = one.canonical and other.resource = one.resource
        and other.direction <> one.direction and other.agent <> one.agent
      group by one.id
    ), changed as (
      update intent i
      set state = case when o.id is null then 'lapsed' else 'conflicted' end,
        opposes = coalesce(i.opposes, o.opposes),
        ended_at = case when o.id is null then ${arg.at}::timestamptz end,
        due_at = ${arg.at}::timestamptz
      from waiting w left join opposed o on o.id = w.id
      where i.workspace_id = ${arg.workspaceId}::int and i.profile_id = w.profile_id and i.id = w.id
        and (case when o.id is not null then i.state = 'open'
          else not exists (select from all_of where all_of.id = w.id) end)
    )
    insert into intent (workspace_id, profile_id, id, agent, kind, resource, direction, proposal, state, opposes,
      cause, hop, trail, trace, announced_at, closes_at, due_at)
    select ${arg.workspaceId}::int, n."profileId", n.id, n.agent, n.kind, n.resource, n.direction, n.proposal,
      case when o.id is null then 'open' else 'conflicted' end, o.opposes, n.cause, n.hop, n.trail, n.trace,
      ${arg.at}::timestamptz, n."closesAt",
      case when o.id is null then n."closesAt" else ${arg.at}::timestamptz end
    from new n left join opposed o on o.id = n.id
    order by n."profileId", n.id
    returning id`,
)
