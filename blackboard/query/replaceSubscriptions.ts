import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Makes the given rows all that a plugin's agents subscribe to. */
export const replaceSubscriptions = statement<
  { workspaceId: number; plugin: string; subscriptions: string },
  never
>(
  (arg) => sql`
    with wanted as (
      select * from json_to_recordset(${arg.subscriptions}::text::json)
        as w (kind text, key text, agent text, priority smallint, guard jsonpath, "guardKeys" text[], above float8,
          below float8, "deadlineMs" bigint, rating real, "ratingTrait" text, "visitsMax" smallint,
          "maxAgeMs" bigint, slot smallint, need smallint, "joinMs" bigint,
          "asksIntervals" boolean)
    ), gone as (
      delete from subscription s
      where s.workspace_id = ${arg.workspaceId}::int and split_part(s.agent, '/', 1) = ${arg.plugin}
        and not exists (select from wanted w where w.kind = s.kind and w.key = s.key and w.agent = s.agent)
    )
    insert into subscription (workspace_id, kind, key, agent, priority, guard, guard_keys, above, below,
      deadline_ms, rating, rating_trait, visits_max, max_age_ms, slot, need,
      join_ms, asks_intervals)
    select ${arg.workspaceId}::int, kind, key, agent, priority, guard, "guardKeys", above, below, "deadlineMs",
      rating, "ratingTrait", "visitsMax", "maxAgeMs", slot, need, "joinMs", "asksIntervals"
    from wanted
    on conflict (workspace_id, kind, key, agent) do update set priority = excluded.priority,
      guard = excluded.guard, guard_keys = excluded.guard_keys, above = excluded.above, below = excluded.below,
      deadline_ms = excluded.deadline_ms, rating = excluded.rating, rating_trait = excluded.rating_trait,
      visits_max = excluded.visits_max, max_age_ms = excluded.max_age_ms,
      slot = excluded.slot, need = excluded.need, join_ms = excluded.join_ms,
      asks_intervals = excluded.asks_intervals`,
)
