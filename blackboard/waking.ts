import { sql, type Placeholder, type SQL } from 'drizzle-orm/sql/sql'
import { joinPending, mayHold, ratingOf } from './query/wakeAgents.ts'

type Arguments = Record<'workspaceId' | 'after' | 'limit' | 'cause' | 'at', Placeholder>

/**
 * Parts of a statement that puts a reaction of an agent `s` (a row of the schedules or subscriptions) on the agenda: `next`
 * are the next profiles beyond `after`, `woken` those of them of whom its precondition may hold. Persons who are erased are
 * left out.
 */
export const wakeNext = (arg: Arguments): SQL => sql`next as materialized (
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
    )`
