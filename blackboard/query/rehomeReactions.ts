import { sql } from 'drizzle-orm/sql/sql'
import { dueWhileLacking, lacksSlots } from './wakeAgents.ts'
import { statement } from '../statement.ts'

/** Hands reactions that were put on a profile after it lost a merge over to the profile it counts as. */
export const rehomeReactions = statement<
  { workspaceId: number; ids: readonly string[]; agents: readonly string[] },
  never
>(
  (arg) => sql`
    with strayed as (
      delete from agenda a
      using profile p, unnest(${arg.ids}::text[], ${arg.agents}::text[]) as moved (id, agent)
      where a.workspace_id = ${arg.workspaceId}::int and a.profile_id = any(${arg.ids}::text[])
        and a.profile_id = moved.id and a.agent = moved.agent
        and p.workspace_id = a.workspace_id and p.id = a.profile_id and p.canonical_id <> p.id
      returning p.canonical_id as home, a.agent, a.priority, a.causes, a.slots, a.need, a.join_ms, a.hop, a.trail, a.deadline,
        a.rating, a.enqueued_at
    ), gathered as (
      select home, agent, max(priority) as priority, max(hop) as hop, min(enqueued_at) as enqueued_at,
        (array_agg(trail order by hop desc))[1] as trail, min(deadline) as deadline, max(rating) as rating,
        array_agg(cause) as causes, array_agg(coalesce(slot, 0)) as slots, max(need) as need,
        max(join_ms) as join_ms, count(distinct coalesce(slot, 0)) < max(need) as lacks
      from strayed cross join lateral unnest(causes, slots) as came (cause, slot)
      group by home, agent
    )
    insert into agenda (workspace_id, profile_id, agent, priority, rank, causes, slots, need, join_ms, due_at, hop,
      trail, deadline, rating, enqueued_at)
    select ${arg.workspaceId}::int, home, agent, priority, case when not lacks then -priority end, causes,
      slots, need, join_ms, case when lacks then enqueued_at + join_ms * interval '1 millisecond' end, hop, trail,
      deadline, rating, enqueued_at
    from gathered order by home, agent
    on conflict (workspace_id, profile_id, agent) do update
    set causes = agenda.causes || excluded.causes, slots = agenda.slots || excluded.slots, hop = greatest(agenda.hop, excluded.hop),
      trail = case when excluded.hop > agenda.hop then excluded.trail else agenda.trail end,
      deadline = least(agenda.deadline, excluded.deadline), rating = greatest(agenda.rating, excluded.rating),
      rank = case when agenda.parked in ('loop', 'halted') or ${lacksSlots} then null else -agenda.priority end,
      parked = case when agenda.parked in ('loop', 'halted') then agenda.parked end, due_at = ${dueWhileLacking}`,
)
