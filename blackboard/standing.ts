import { sql } from 'drizzle-orm/sql/sql'
import type { Placeholder, SQL } from 'drizzle-orm/sql/sql'

/** The legal states of persons, with every profile that counts as them, in id order; to be locked. */
export const selectStanding = (arg: { workspaceId: Placeholder; ids: Placeholder }): SQL => sql`
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
    order by l.profile_id`
