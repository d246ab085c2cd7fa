import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

const lacks = sql`(a.need > 1
  and (select count(distinct slot) from unnest(a.slots[a.taken + 1:]) as slot) < a.need)`

/**
 * Takes finished reactions off the agenda; one that was woken again while it ran keeps its new causes, and where these are
 * not all that its agent waits for, it waits for the others.
 */
export const finishReactions = statement<
  { workspaceId: number; ids: readonly string[]; agents: readonly string[]; at: string },
  never
>(
  (arg) => sql`
    with ended as (
      select * from unnest(${arg.ids}::text[], ${arg.agents}::text[]) as e (id, agent)
    ), gone as (
      delete from agenda a using ended
      where a.workspace_id = ${arg.workspaceId}::int and a.profile_id = any(${arg.ids}::text[])
        and a.profile_id = ended.id and a.agent = ended.agent and cardinality(a.causes) <= a.taken
    )
    update agenda a
    set causes = a.causes[a.taken + 1:], slots = a.slots[a.taken + 1:], taken = 0, attempts = 0,
      lease_owner = null, last_error = null, enqueued_at = ${arg.at}::timestamptz,
      rank = case when ${lacks} then null else a.rank end,
      due_at = case when ${lacks} then ${arg.at}::timestamptz + a.join_ms * interval '1 millisecond' end
    from ended
    where a.workspace_id = ${arg.workspaceId}::int and a.profile_id = any(${arg.ids}::text[])
      and a.profile_id = ended.id and a.agent = ended.agent and cardinality(a.causes) > a.taken`,
)
