import { sql } from 'drizzle-orm/sql/sql'
import { dueWhileLacking, lacksSlots } from './wakeAgents.ts'
import { statement } from '../statement.ts'

/**
 * Makes every member of a losing profile count as the winner, and hands the loser's pending reactions over:
 * none is lost. The winner is marked where the loser disowned an identifier. Bumps the legal state of every member on both sides, in id order, so that an act decided
 * for one side before the merge is decided again for the whole.
 */
export const mergeProfiles = statement<
  { workspaceId: number; merges: string; at: string },
  { id: string }
>(
  (arg) => sql`
    with merging as (
      select loser, winner
      from json_to_recordset(${arg.merges}::text::json) as pair (loser text, winner text)
    ), moved as (
      update profile p set canonical_id = merging.winner, updated_at = ${arg.at}::timestamptz
      from merging
      where p.workspace_id = ${arg.workspaceId}::int and p.canonical_id = merging.loser
      returning p.id
    ), marked as (
      update profile w set disowned_at = l.disowned_at
      from merging join profile l
        on l.workspace_id = ${arg.workspaceId}::int and l.id = merging.loser and l.disowned_at is not null
      where w.workspace_id = ${arg.workspaceId}::int and w.id = merging.winner and w.disowned_at is null
    ), standing as (
      insert into legal_state (workspace_id, profile_id, updated_at)
      select ${arg.workspaceId}::int, side.id, ${arg.at}::timestamptz
      from (select loser as id from merging union select winner from merging
            union select p.id from profile p join merging on p.workspace_id = ${arg.workspaceId}::int
              and p.canonical_id in (merging.loser, merging.winner)) as side
      order by side.id
      on conflict (workspace_id, profile_id) do update
      set version = legal_state.version + 1, updated_at = excluded.updated_at
    ), taken as (
      delete from agenda a using merging
      where a.workspace_id = ${arg.workspaceId}::int and a.profile_id = merging.loser
      returning merging.winner, a.agent, a.priority, a.causes, a.slots, a.need, a.join_ms, a.hop, a.trail, a.deadline, a.rating,
        a.parked, a.enqueued_at
    ), causes as (
      select taken.winner, taken.agent, max(taken.priority) as priority, max(taken.hop) as hop,
        min(taken.enqueued_at) as enqueued_at, (array_agg(taken.trail order by taken.hop desc))[1] as trail,
        min(taken.deadline) as deadline, max(taken.rating) as rating,
        min(taken.parked) filter (where taken.parked in ('loop', 'halted')) as parked,
        array_agg(cause) as causes, array_agg(coalesce(slot, 0)) as slots, max(taken.need) as need,
        max(taken.join_ms) as join_ms, count(distinct coalesce(slot, 0)) < max(taken.need) as lacks
      from taken cross join lateral unnest(taken.causes, taken.slots) as came (cause, slot)
      group by taken.winner, taken.agent
    ), handed as (
      insert into agenda
        (workspace_id, profile_id, agent, priority, rank, parked, causes, slots, need, join_ms,
         due_at, hop, trail, deadline, rating, enqueued_at)
      select ${arg.workspaceId}::int, winner, agent, priority,
        case when parked is null and not lacks then -priority end, parked, causes, slots, need, join_ms,
        case when lacks and parked is null then enqueued_at + join_ms * interval '1 millisecond' end, hop, trail,
        deadline, rating, enqueued_at
      from causes order by winner, agent
      on conflict (workspace_id, profile_id, agent) do update
      set causes = agenda.causes || excluded.causes, slots = agenda.slots || excluded.slots, hop = greatest(agenda.hop, excluded.hop),
        trail = case when excluded.hop > agenda.hop then excluded.trail else agenda.trail end,
        deadline = least(agenda.deadline, excluded.deadline), rating = greatest(agenda.rating, excluded.rating),
        parked = case when agenda.parked in ('dead', 'stale') then excluded.parked
          else coalesce(agenda.parked, excluded.parked) end,
        rank = case when agenda.parked in ('loop', 'halted') or excluded.parked is not null or ${lacksSlots}
          then null else -agenda.priority end,
        due_at = ${dueWhileLacking}
    )
    select id from moved`,
)
