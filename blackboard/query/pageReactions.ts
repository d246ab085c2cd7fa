import { sql } from 'drizzle-orm/sql/sql'
import type { ParkedReason, ReactionState } from '../../core/model/reaction.ts'
import { parkedReason, reactionsAsked, reactionState, type AskedReactions } from '../reactions.ts'
import { run, type Handle } from '../statement.ts'

/** The trace that stands in front of a cause, as `withTrace` puts it there. */
const traced = sql`'^00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2};'`

export interface ReactionRow {
  profileId: string
  agent: string
  state: ReactionState
  parked: ParkedReason | null
  error: string | null
  priority: number
  rating: number
  deadline: Date | null
  /** How many causes have which tag, as `readCause` knows them. */
  causes: Record<string, number>
  /** Of the newest cause, where it is traced. */
  traceId: string | null
  hop: number
  /** Separated by spaces. */
  trail: string
  attempts: number
  enqueuedAt: Date
  dueAt: Date | null
  /** Where it was put on the agenda; no other row has it. */
  position: number
}

/** Reactions of a workspace in the order in which they were put on the agenda, beyond a position. */
export const pageReactions = (
  db: Handle,
  {
    workspaceId,
    asked,
    after,
    limit,
  }: { workspaceId: number; asked: AskedReactions; after: number | null; limit: number },
): Promise<ReactionRow[]> =>
  run(
    db,
    workspaceId,
    sql`
    select a.profile_id as "profileId", a.agent, ${reactionState} as state, ${parkedReason} as parked,
      a.last_error as error, a.priority, a.rating,
      case when a.deadline < 'infinity' then a.deadline end as deadline,
      (select json_object_agg(t.tag, t.count) from (
        select right(split_part(cause, ':', 1), 1) as tag, count(*)::int as count
        from unnest(a.causes) as cause group by 1) as t) as causes,
      (select substring(c.cause from ${traced}) from unnest(a.causes) with ordinality as c (cause, nth)
        where c.cause ~ ${traced} order by c.nth desc limit 1) as "traceId",
      a.hop, a.trail, a.attempts, a.enqueued_at as "enqueuedAt", a.due_at as "dueAt", a.position
    from agenda a
    where ${sql.join(
      [
        ...reactionsAsked(workspaceId, asked),
        ...(after === null ? [] : [sql`a.position > ${after}::bigint`]),
      ],
      sql` and `,
    )}
    order by a.position
    limit ${limit}::int`,
  )
