import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Something that woke an agent. */
export interface Waking {
  /** The profile that it counts for now. */
  profileId: string
  /** As the agenda names it. */
  cause: string
}

/**
 * What an agent with these triggers was woken by since a time, or would have been: the newest first, of persons who
 * are not erased. Its own writes woke it as little as they do on the agenda.
 */
export const listWakings = statement<
  {
    workspaceId: number
    agent: string
    events: readonly string[]
    traits: readonly string[]
    consents: boolean
    since: string
    limit: number
  },
  Waking
>(
  (arg) => sql`
    with waking as (
      (select e.profile_id as home, 'e:' || e.profile_id || ':' || e.id as cause, e.received_at as at
       from event e
       where e.workspace_id = ${arg.workspaceId}::int and e.received_at >= ${arg.since}::timestamptz
         and array['*', case when e.type = 'track' then e.name else e.type end]
           && ${arg.events}::text[]
       order by e.received_at desc, e.id desc
       limit ${arg.limit}::int)
      union all
      (select c.profile_id, case
           when c.kind = 'trait' then 't:' || c.id || ':' || c.key
           else 'c:' || c.cause || ':' || replace(c.key, ' ', ':') end, c.at
       from change c
       where c.workspace_id = ${arg.workspaceId}::int and c.at >= ${arg.since}::timestamptz
         and (c.kind = 'trait' and array['*', c.key] && ${arg.traits}::text[]
             and (c.author_kind, c.author_id) is distinct from ('agent', ${arg.agent}::text)
           or c.kind = 'consent' and ${arg.consents}::bool)
       order by c.at desc, c.id desc
       limit ${arg.limit}::int)
    )
    select p.canonical_id as "profileId", w.cause
    from waking w
    join profile p on p.workspace_id = ${arg.workspaceId}::int and p.id = w.home
    where not exists (
      select from legal_state l
      where l.workspace_id = p.workspace_id and l.profile_id = p.canonical_id
        and l.erased_at is not null)
    order by w.at desc, w.cause desc
    limit ${arg.limit}::int`,
)
