import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * As `lockStanding`, for persons under a cap: one dispatch at a time, so that who counts what was sent counts
 * everything that began before. It says which rows it holds. Who became one person while it waited is not held as a
 * whole: the canonical profile is among the rows, or the counting is not exact.
 */
export const lockCapped = statement<
  { workspaceId: number; ids: readonly string[] },
  { profileId: string }
>(
  (arg) => sql`
    select l.profile_id as "profileId"
    from legal_state l
    where l.workspace_id = ${arg.workspaceId}::int and l.profile_id = any(array(
      with canonical as materialized (
        select canonical_id as id from profile
        where workspace_id = ${arg.workspaceId}::int and id = any(${arg.ids}::text[])
      )
      select id from canonical
      union
      select id from profile
      where workspace_id = ${arg.workspaceId}::int and canonical_id <> id
        and canonical_id = any(array(select id from canonical))))
    order by l.profile_id
    for no key update of l`,
)
