import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'
import { joinPending, mayHold, ratingOf } from './wakeAgents.ts'

/**
 * Puts an occurrence of a schedule on the agenda for the next profiles after `after` of whom its precondition may hold,
 * and moves the schedule on: to the last of them, or where they were the last to `nextAt`. Persons who are erased are
 * left out. Tells how many were woken, and whether that was all.
 */
export const wakeScheduled = statement<
  {
    workspaceId: number
    agent: string
    cron: string
    timezone: string
    cause: string
    dueAt: string
    after: string
    nextAt: string
    at: string
    limit: number
  },
  { woken: number; isOver: boolean }
>(
  (arg) => sql`
    with s as materialized (
      select * from schedule
      where workspace_id = ${arg.workspaceId}::int and agent = ${arg.agent} and cron = ${arg.cron}
        and timezone = ${arg.timezone}
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
      update schedule m
      set due_at = case when (select count(*) from next) = ${arg.limit}::int then ${arg.dueAt}::timestamptz end,
        upto = case when (select count(*) from next) = ${arg.limit}::int then (select max(id) from next) end,
        next_at = ${arg.nextAt}::timestamptz
      where workspace_id = ${arg.workspaceId}::int and agent = ${arg.agent} and cron = ${arg.cron}
        and timezone = ${arg.timezone}
    )
    select (select count(*) from woken)::int as woken,
      (select count(*) from next) < ${arg.limit}::int as "isOver"`,
)
