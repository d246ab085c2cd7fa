import { sql } from 'drizzle-orm/sql/sql'
import { columnsOf } from '../columns.ts'
import { statement, type Handle } from '../statement.ts'

/** A chain of agents that wake each other is parked as a loop after this many steps. */
export const hopMax = 16

/** Something that happened to a profile, and the key by which agents subscribe to it. */
export interface Happening {
  profileId: string
  kind: 'event' | 'trait' | 'consent'
  key: string
  /** Reference to what happened. */
  cause: string
  /** The agent that did it, which is not woken by its own act. */
  author: string | null
  hop: number
}

const columns = ['profileId', 'kind', 'key', 'cause', 'author', 'hop'] as const

type Columns = { [K in (typeof columns)[number]]: Happening[K][] }

const insert = statement<Columns & { workspaceId: number; at: string }, never>(
  (arg) => sql`
    insert into agenda (workspace_id, profile_id, agent, priority, rank, parked, causes, hop, enqueued_at)
    select ${arg.workspaceId}::int, h.profile, s.agent, max(s.priority),
      case when max(h.hop) <= ${sql.raw(String(hopMax))} then -max(s.priority) end,
      case when max(h.hop) > ${sql.raw(String(hopMax))} then 'loop' end,
      array_agg(h.cause order by h.nth), max(h.hop), ${arg.at}::timestamptz
    from unnest(${arg.profileId}::text[], ${arg.kind}::text[], ${arg.key}::text[],
      ${arg.cause}::text[], ${arg.author}::text[], ${arg.hop}::smallint[])
      with ordinality as h (profile, kind, key, cause, author, hop, nth)
    join subscription s on s.workspace_id = ${arg.workspaceId}::int
      and s.kind = h.kind and s.key in (h.key, '*') and s.agent is distinct from h.author
    group by h.profile, s.agent
    order by h.profile, s.agent
    on conflict (workspace_id, profile_id, agent) do update set
      causes = agenda.causes || excluded.causes,
      hop = greatest(agenda.hop, excluded.hop),
      attempts = case when agenda.parked = 'dead' then 0 else agenda.attempts end,
      rank = case when agenda.parked in ('loop', 'halted') or excluded.parked = 'loop' then null
        else -greatest(agenda.priority, excluded.priority) end,
      priority = greatest(agenda.priority, excluded.priority),
      parked = case when agenda.parked = 'dead' then excluded.parked
        else coalesce(agenda.parked, excluded.parked) end,
      due_at = null`,
)

/**
 * Puts a reaction on the agenda for every agent subscribed to what happened, in the transaction that made it
 * happen. A pending reaction of the same agent on the same profile takes the cause up instead; a snoozed or
 * dead one is woken by it. An agent is not woken by its own write.
 */
export const wakeAgents = (
  handle: Handle,
  {
    workspaceId,
    happenings,
    at,
  }: { workspaceId: number; happenings: readonly Happening[]; at: string },
): Promise<never[]> => insert(handle, { workspaceId, at, ...columnsOf(happenings, columns) })
