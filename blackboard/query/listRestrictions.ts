import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Requests by which persons are restricted: done, and not lifted since. */
export const listRestrictions = statement<
  { workspaceId: number; profileIds: readonly string[] },
  { id: string }
>(
  (arg) => sql`
    select id from subject_request r
    where workspace_id = ${arg.workspaceId}::int and kind = 'restriction'
      and profile_ids && ${arg.profileIds}::text[]
      and (
        select max(act) filter (where act = 'restricted') is not null
          and max(act) filter (where act = 'restriction_lifted') is null
        from subject_request_event e
        where e.workspace_id = ${arg.workspaceId}::int and e.request_id = r.id)
    order by id`,
)
