import { sql } from 'drizzle-orm/sql/sql'
import { columnsOf } from '../columns.ts'
import { statement, type Handle } from '../statement.ts'

/** A chain of agents that wake each other is parked as a loop after this many steps. */
export const hopMax = 16

/** Something that happened to a profile, and the key by which agents subscribe to it. */
export interface Happening {
  profileId: string
  kind: 'event' | 'trait' | 'consent' | 'intent' | 'outcome'
  key: string
  /** Reference to what happened. */
  cause: string
  /** The agent that did it, which is not woken by its own act. */
  author: string | null
  hop: number
  /** The agents whose writes led to it, oldest first, separated by spaces. */
  trail: string
  /** Of a trait: the number that it was before and is now; null where it is none. */
  before: number | null
  after: number | null
}

const columns = [
  'profileId',
  'kind',
  'key',
  'cause',
  'author',
  'hop',
  'trail',
  'before',
  'after',
] as const

type Columns = { [K in (typeof columns)[number]]: Happening[K][] }

/** Of what was there before and comes now; a running one is judged once it has ended. */
export const lacksSlots = sql`(excluded.need > 1 and agenda.lease_owner is null
  and (select count(distinct slot) from unnest(agenda.slots || excluded.slots) as slot) < excluded.need)`

/** Until when it waits for the others; one that is parked waits for somebody. */
export const dueWhileLacking = sql`case when ${lacksSlots} and excluded.parked is null
  and coalesce(agenda.parked, '') not in ('loop', 'halted') then coalesce(agenda.due_at, excluded.due_at) end`

/** What becomes of a pending reaction of the same agent on the same profile that is woken again. */
export const joinPending = sql`
  on conflict (workspace_id, profile_id, agent) do update set
    causes = agenda.causes || excluded.causes,
    slots = agenda.slots || excluded.slots,
    need = excluded.need,
    join_ms = excluded.join_ms,
    hop = greatest(agenda.hop, excluded.hop),
    trail = case when excluded.hop > agenda.hop then excluded.trail else agenda.trail end,
    deadline = least(agenda.deadline, excluded.deadline),
    rating = excluded.rating,
    attempts = case when agenda.parked = 'dead' then 0 else agenda.attempts end,
    rank = case when agenda.parked in ('loop', 'halted') or excluded.parked = 'loop' or ${lacksSlots} then null
      else -greatest(agenda.priority, excluded.priority) end,
    priority = greatest(agenda.priority, excluded.priority),
    parked = case when agenda.parked in ('dead', 'stale') then excluded.parked
      else coalesce(agenda.parked, excluded.parked) end,
    due_at = ${dueWhileLacking}`

/** The rating of a subscription or schedule `s` on the profile `p`. */
export const ratingOf = sql`greatest(0, least(1, case when s.rating_trait is null then s.rating
  when jsonb_typeof(p.traits -> s.rating_trait) = 'number' then (p.traits -> s.rating_trait)::float8 else 0 end))`

/** Whether the precondition of a subscription or schedule `s` may hold on the profile `p`. */
export const mayHold = sql`(s.guard is null
  or jsonb_path_match(p.traits, s.guard,
    case when s.asks_intervals then jsonb_build_object('made', p.provenance) else '{}' end, true)
  or exists (select from trait_definition d
    where d.workspace_id = s.workspace_id and d.key = any(s.guard_keys) and d.ttl_ms is not null))`

const insert = statement<Columns & { workspaceId: number; at: string }, never>(
  (arg) => sql`
    with happening as (
      select * from unnest(${arg.profileId}::text[], ${arg.kind}::text[], ${arg.key}::text[],
        ${arg.cause}::text[], ${arg.author}::text[], ${arg.hop}::smallint[], ${arg.trail}::text[],
        ${arg.before}::float8[], ${arg.after}::float8[])
        with ordinality as h (profile, kind, key, cause, author, hop, trail, before, after, nth)
    ), who as materialized (
      -- Taken out of its storage once, and not for each agent: the traits of one that has many are compressed there.
      select id, traits || '{}' as traits, provenance from profile
      where workspace_id = ${arg.workspaceId}::int and id = any(${arg.profileId}::text[])
        and (select exists (select from subscription
          where workspace_id = ${arg.workspaceId}::int and (guard is not null or rating_trait is not null)))
    ), woken as (
      select h.profile, s.agent, max(s.priority) as priority, coalesce(
          array_agg(h.cause order by h.nth, s.slot) filter (where s.kind <> 'need'),
          array_agg(h.cause order by h.nth, s.slot)) as causes,
        coalesce(
          array_agg(s.slot order by h.nth, s.slot) filter (where s.kind <> 'need'),
          array_agg(s.slot order by h.nth, s.slot)) as slots,
        count(distinct s.slot) < max(s.need) as lacks, max(s.need) as need, max(s.join_ms) as join_ms,
        max(h.hop) as hop, (array_agg(h.trail order by h.hop desc))[1] as trail, min(s.deadline_ms) as deadline_ms,
        max(${ratingOf}) as rating,
        bool_or(h.hop > ${sql.raw(String(hopMax))} or cardinality(
          array_positions(string_to_array(h.trail, ' '), s.agent::text)) >= s.visits_max) as loops,
        bool_and(s.kind = 'need') as only_needed
      from happening h
      join (values ('event', 'event'), ('trait', 'trait'), ('trait', 'crossing'), ('trait', 'need'),
        ('consent', 'consent'), ('intent', 'intent'), ('outcome', 'outcome')) as waking (kind, subscribed) on waking.kind = h.kind
      join subscription s on s.workspace_id = ${arg.workspaceId}::int and s.kind = waking.subscribed
        and s.key in (h.key, '*') and s.agent is distinct from h.author
        and (s.kind <> 'crossing' or h.after > s.above and h.before > s.above is not true
          or h.after < s.below and h.before < s.below is not true)
      left join who p on p.id = h.profile and (s.guard is not null or s.rating_trait is not null)
      where ${mayHold}
      group by h.profile, s.agent
    ), followed as (
      select distinct h.profile, s.agent, s.kind, s.rating, s.rating_trait
      from happening h
      join (values ('event', 'obviating_event'), ('trait', 'obviating_trait'), ('trait', 'rating'))
        as following (kind, subscribed) on following.kind = h.kind
      join subscription s on s.workspace_id = ${arg.workspaceId}::int and s.kind = following.subscribed
        and s.key in (h.key, '*')
      where not exists (select from woken where woken.profile = h.profile and woken.agent = s.agent)
    ), dropped as (
      delete from agenda a using followed f
      where f.kind <> 'rating' and a.workspace_id = ${arg.workspaceId}::int and a.profile_id = f.profile
        and a.agent = f.agent and a.lease_owner is null
    ), rated as (
      update agenda a set rating = ${ratingOf}
      from followed s
      join profile p on p.workspace_id = ${arg.workspaceId}::int and p.id = s.profile
      where s.kind = 'rating' and a.workspace_id = ${arg.workspaceId}::int and a.profile_id = s.profile
        and a.agent = s.agent and a.lease_owner is null
        and not exists (select from followed f
          where f.kind <> 'rating' and f.profile = s.profile and f.agent = s.agent)
    )
    insert into agenda (workspace_id, profile_id, agent, priority, rank, parked, causes, slots, need, join_ms,
      due_at, hop, trail, deadline, rating, enqueued_at)
    select ${arg.workspaceId}::int, profile, agent, priority, case when not loops and not lacks then -priority end,
      case when loops then 'loop' end, causes, slots, need, join_ms,
      case when lacks and not loops then ${arg.at}::timestamptz + join_ms * interval '1 millisecond' end, hop, trail,
      coalesce(${arg.at}::timestamptz + deadline_ms * interval '1 millisecond', 'infinity'), rating,
      ${arg.at}::timestamptz
    from woken
    where not only_needed or exists (select from agenda a
      where a.workspace_id = ${arg.workspaceId}::int and a.profile_id = woken.profile
        and a.agent = woken.agent and (a.parked = 'stale' or a.lease_owner is not null))
    order by profile, agent
    ${joinPending}`,
)

/**
 * Puts a reaction on the agenda for every agent subscribed to what happened whose precondition holds of what stands
 * then, in the transaction that made it happen. A pending reaction of the same agent on the same profile takes the
 * cause up instead, and its rating is that of now; a snoozed or dead one is woken by it. An agent is not woken by its
 * own write, and a crossing wakes when the threshold is crossed and not while it stays crossed.
 *
 * What obviates a reaction takes it off the agenda unless it runs, and nothing else woke it in the same moment; a rating
 * follows the trait that it goes by.
 *
 * Where an agent waits for several of its triggers, a reaction is not in the order before they have all come, or its
 * time is over.
 *
 * What an agent needs fresh wakes none of its reactions but those that wait for it, or that run just now and may have
 * found it stale.
 *
 * A precondition is asked of the traits as they stand, expired ones included; where one of them may expire it is left
 * to the worker, which asks it again of what the agent may see.
 */
export const wakeAgents = (
  handle: Handle,
  {
    workspaceId,
    happenings,
    at,
  }: { workspaceId: number; happenings: readonly Happening[]; at: string },
): Promise<never[]> => insert(handle, { workspaceId, at, ...columnsOf(happenings, columns) })
