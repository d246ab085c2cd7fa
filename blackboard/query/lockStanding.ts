import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Holds the legal state of persons, with every profile that counts as them, in share mode and in id order.
 * Who changes a person's standing updates the same rows, so it comes either wholly before what follows in
 * this transaction or after its commit: no dispatch begins after a committed withdrawal.
 */
export const lockStanding = statement<
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
    for share of l`,
)
