import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

const lacks = sql`(a.need > 1
  and (select count(distinct slot) from unnest(a.slots[a.taken + 1:]) as slot) < a.need)`

/**
 * Takes finished reactions off the agenda; one that was woken again while it ran keeps its new causes, and where these are
 * not all that its agent waits for, it waits for the others.
 */
export const finishReactions = statement<
  { workspaceId: number; agent: string; ids: readonly string[]; at: string },
  never
>(
  (arg) => sql`
    with gone as (
      delete from agenda a
      where a.workspace_id = ${arg.workspaceId}::int and a.profile_id = any(${arg.ids}::text[])
        and a.agent = ${arg.agent} and cardinality(a.causes) <= a.taken
    )
    update agenda a
    set causes = a.causes[a.taken + 1:], slots = a.slots[a.taken + 1:], taken = 0, attempts = 0,
      lease_owner = null, last_error = null,
      rank = case when ${lacks} then null else a.rank end,
      due_at = case when ${lacks} then ${arg.at}::timestamptz + a.join_ms * interval '1 millisecond' end
    where a.workspace_id = ${arg.workspaceId}::int and a.profile_id = any(${arg.ids}::text[])
      and a.agent = ${arg.agent} and cardinality(a.causes) > a.taken`,
)
