import { sql } from 'drizzle-orm'
import { statement } from '../statement.ts'

/**
 * Holds the legal state of persons, with every profile that counts as them, in share mode and in id order.
 * Who changes a person's standing updates the same rows, so it comes either wholly before what follows in
 * this transaction or after its commit: no dispatch begins after a committed withdrawal.
 */
export const lockStanding = statement<
  { workspaceId: number; ids: string },
  { profileId: string }
>(
  (arg) => sql`
    select l.profile_id as "profileId"
    from legal_state l
    where l.workspace_id = ${arg.workspaceId}::int and l.profile_id in (
      select member.id
      from json_array_elements_text(${arg.ids}::text::json) as wanted
      join profile named on named.workspace_id = ${arg.workspaceId}::int and named.id = wanted
      join profile member on member.workspace_id = named.workspace_id
        and (member.id = named.canonical_id
          or (member.canonical_id = named.canonical_id and member.canonical_id <> member.id)))
    order by l.profile_id
    for share of l`,
)
