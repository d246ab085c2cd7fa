import { sql } from 'drizzle-orm/sql/sql'
import { acrossWorkspaces } from '../statement.ts'

export interface ClaimedRow {
  workspaceId: number
  profileId: string
  agent: string
  rank: number
  position: number
  epoch: number
  causes: string[]
  hop: number
  attempts: number
}

/**
 * Claims reactions of the given agents (`<workspace> <plugin>/<agent>`), most urgent and oldest first, beyond a position. The position moves
 * along with the claims: an index keeps the entries of finished rows until vacuum, and starting at its head
 * every time would walk all of them.
 */
export const claimReactions = acrossWorkspaces<
  { agents: readonly string[]; rank: number; position: number; limit: number; owner: string },
  ClaimedRow
>(
  (arg) => sql`
    with head as (
      select ctid from agenda
      where rank is not null and lease_owner is null
        and (rank, position) > (${arg.rank}::smallint, ${arg.position}::bigint)
        and workspace_id || ' ' || agent = any(${arg.agents}::text[])
      order by rank, position
      limit ${arg.limit}::int
      for update skip locked
    )
    update agenda a
    set lease_owner = ${arg.owner}, lease_epoch = a.lease_epoch + 1, taken = cardinality(a.causes),
      attempts = a.attempts + 1
    where a.ctid = any(array(select ctid from head))
    returning a.workspace_id as "workspaceId", a.profile_id as "profileId", a.agent, a.rank, a.position,
      a.lease_epoch as epoch, a.causes, a.hop, a.attempts`,
)
