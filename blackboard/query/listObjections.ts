import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Requests by which persons object to a purpose: done, and not taken back since. */
export const listObjections = statement<
  { workspaceId: number; profileIds: readonly string[]; purpose: string },
  { id: string }
>(
  (arg) => sql`
    select id from subject_request r
    where workspace_id = ${arg.workspaceId}::int and kind = 'objection'
      and purpose = ${arg.purpose} and profile_ids && ${arg.profileIds}::text[]
      and 'objected' = (
        select e.act from subject_request_event e
        where e.workspace_id = ${arg.workspaceId}::int and e.request_id = r.id
          and e.act in ('objected', 'objection_taken_back')
        order by e.id desc limit 1)
    order by id`,
)
