import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Puts a reaction of one agent on one profile on the agenda, as something that happened outside does: one that is
 * pending takes the cause up, a snoozed, dead or stale one goes on, and one that was parked as a loop or halted stays
 * parked. Its precondition is left to the worker.
 */
export const wakeByHand = statement<
  {
    workspaceId: number
    profileId: string
    agent: string
    cause: string
    priority: number
    rating: number
    /** Names the trait whose number is the rating instead. */
    ratingTrait: string | null
    deadlineMs: number | null
    at: string
  },
  never
>(
  (arg) => sql`
    insert into agenda (workspace_id, profile_id, agent, priority, rank, causes, hop, deadline, rating, enqueued_at)
    select p.workspace_id, p.id, ${arg.agent}::text, ${arg.priority}::smallint, -${arg.priority}::smallint,
      array[${arg.cause}::text], 0,
      coalesce(${arg.at}::timestamptz + ${arg.deadlineMs}::bigint * interval '1 millisecond', 'infinity'),
      greatest(0, least(1, case when ${arg.ratingTrait}::text is null then ${arg.rating}::float8
        when jsonb_typeof(p.traits -> ${arg.ratingTrait}::text) = 'number'
          then (p.traits -> ${arg.ratingTrait}::text)::float8 else 0 end)),
      ${arg.at}::timestamptz
    from profile p
    where p.workspace_id = ${arg.workspaceId}::int and p.id = ${arg.profileId}::text
    on conflict (workspace_id, profile_id, agent) do update set
      causes = agenda.causes || excluded.causes,
      deadline = least(agenda.deadline, excluded.deadline),
      rating = excluded.rating,
      attempts = case when agenda.parked = 'dead' then 0 else agenda.attempts end,
      rank = case when agenda.parked in ('loop', 'halted') then null
        else -greatest(agenda.priority, excluded.priority) end,
      priority = greatest(agenda.priority, excluded.priority),
      parked = case when agenda.parked in ('loop', 'halted') then agenda.parked end,
      due_at = null`,
)
