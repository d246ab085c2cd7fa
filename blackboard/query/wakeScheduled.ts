import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'
import { wakeNext } from '../waking.ts'

/**
 * Puts an occurrence of a schedule on the agenda for the next profiles after `after` of whom its precondition may hold,
 * and moves the schedule on: to the last of them, or where they were the last to `nextAt`.
 * Tells how many were woken.
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
  { woken: number }
>(
  (arg) => sql`
    with s as materialized (
      select * from schedule
      where workspace_id = ${arg.workspaceId}::int and agent = ${arg.agent} and cron = ${arg.cron}
        and timezone = ${arg.timezone}
    ), ${wakeNext(arg)}, moved as (
      update schedule m
      set due_at = case when (select count(*) from next) = ${arg.limit}::int then ${arg.dueAt}::timestamptz end,
        upto = case when (select count(*) from next) = ${arg.limit}::int then (select max(id) from next) end,
        next_at = ${arg.nextAt}::timestamptz
      where workspace_id = ${arg.workspaceId}::int and agent = ${arg.agent} and cron = ${arg.cron}
        and timezone = ${arg.timezone}
    )
    select (select count(*) from woken)::int as woken`,
)
