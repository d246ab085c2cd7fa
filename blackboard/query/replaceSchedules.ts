import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Makes the given rows all the schedules of a plugin's agents. One that was there before keeps when it comes next, and
 * how far it got.
 */
export const replaceSchedules = statement<
  { workspaceId: number; plugin: string; schedules: string },
  never
>(
  (arg) => sql`
    with wanted as (
      select * from json_to_recordset(${arg.schedules}::text::json)
        as w (agent text, cron text, timezone text, priority smallint, guard jsonpath, "guardKeys" text[],
          "deadlineMs" bigint, rating real, "ratingTrait" text, "nextAt" timestamptz, "asksIntervals" boolean)
    ), gone as (
      delete from schedule s
      where s.workspace_id = ${arg.workspaceId}::int and split_part(s.agent, '/', 1) = ${arg.plugin}
        and not exists (select from wanted w
          where w.agent = s.agent and w.cron = s.cron and w.timezone = s.timezone)
    )
    insert into schedule (workspace_id, agent, cron, timezone, priority, guard, guard_keys, deadline_ms,
      rating, rating_trait, next_at, asks_intervals)
    select ${arg.workspaceId}::int, agent, cron, timezone, priority, guard, "guardKeys", "deadlineMs", rating,
      "ratingTrait", "nextAt", "asksIntervals"
    from wanted
    on conflict (workspace_id, agent, cron, timezone) do update set priority = excluded.priority,
      guard = excluded.guard, guard_keys = excluded.guard_keys, deadline_ms = excluded.deadline_ms,
      rating = excluded.rating, rating_trait = excluded.rating_trait,
      asks_intervals = excluded.asks_intervals`,
)
