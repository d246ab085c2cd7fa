import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'
import { joinPending, mayHold, ratingOf } from './wakeAgents.ts'

/**
 * Puts news of an objective on the agenda for the next profiles after `after` of whom the agent's precondition may hold,
 * as a schedule does, and moves the waking on: to the last of them, or away where they were the last.
 */
export const wakeForObjective = statement<
  {
    workspaceId: number
    id: string
    agent: string
    name: string
    cause: string
    after: string
    at: string
    limit: number
  },
  { woken: number }
>(
  (arg) => sql`
    with s as materialized (
      select * from subscription
      where workspace_id = ${arg.workspaceId}::int and kind = 'objective' and key = ${arg.name}::text
        and agent = ${arg.agent}::text
    ), next as materialized (
      select id, traits, provenance, canonical_id from profile
      where workspace_id = ${arg.workspaceId}::int and id > ${arg.after}::text
      order by id
      limit ${arg.limit}::int
    ), woken as (
      insert into agenda (workspace_id, profile_id, agent, priority, rank, causes, slots, hop, deadline,
        rating, enqueued_at)
      select s.workspace_id, p.id, s.agent, s.priority, -s.priority, array[${arg.cause}::text], '{0}', 0,
        coalesce(${arg.at}::timestamptz + s.deadline_ms * interval '1 millisecond', 'infinity'), ${ratingOf},
        ${arg.at}::timestamptz
      from s, next p
      where p.canonical_id = p.id and ${mayHold}
        and not exists (select from legal_state l
          where l.workspace_id = ${arg.workspaceId}::int and l.profile_id = p.id and l.erased_at is not null)
      order by p.id
      ${joinPending}
      returning 1
    ), moved as (
      update objective_waking set upto = (select max(id) from next)
      where workspace_id = ${arg.workspaceId}::int and id = ${arg.id}::bigint
        and (select count(*) from next) = ${arg.limit}::int
    ), over as (
      delete from objective_waking
      where workspace_id = ${arg.workspaceId}::int and id = ${arg.id}::bigint
        and (select count(*) from next) < ${arg.limit}::int
    )
    select (select count(*) from woken)::int as woken`,
)
