import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Takes finished reactions off the agenda; one that was woken again while it ran keeps its new causes. */
export const finishReactions = statement<
  { workspaceId: number; agent: string; ids: readonly string[] },
  never
>(
  (arg) => sql`
    with gone as (
      delete from agenda a
      where a.workspace_id = ${arg.workspaceId}::int and a.profile_id = any(${arg.ids}::text[])
        and a.agent = ${arg.agent} and cardinality(a.causes) <= a.taken
    )
    update agenda a
    set causes = a.causes[a.taken + 1:], taken = 0, attempts = 0, lease_owner = null, last_error = null
    where a.workspace_id = ${arg.workspaceId}::int and a.profile_id = any(${arg.ids}::text[])
      and a.agent = ${arg.agent} and cardinality(a.causes) > a.taken`,
)
