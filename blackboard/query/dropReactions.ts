import { sql } from 'drizzle-orm/sql/sql'
import type { ParkedReason, ReactionState } from '../../core/model/reaction.ts'
import { parkedReason, reactionsAsked, reactionState, type AskedReactions } from '../reactions.ts'
import { run, type Handle } from '../statement.ts'
import type { ReactionKey } from './freeReactions.ts'

/** Takes reactions off the agenda that do not run: those of the first keys beyond `after`. */
export const dropReactions = (
  tx: Handle,
  {
    workspaceId,
    asked,
    after,
    limit,
  }: { workspaceId: number; asked: AskedReactions; after: ReactionKey; limit: number },
): Promise<(ReactionKey & { state: ReactionState; parked: ParkedReason | null })[]> =>
  run(
    tx,
    workspaceId,
    sql`
    with chosen as materialized (
      select a.profile_id, a.agent, ${reactionState} as state, ${parkedReason} as parked from agenda a
      where ${sql.join(reactionsAsked(workspaceId, asked), sql` and `)} and a.lease_owner is null
        and (a.profile_id, a.agent) > (${after.profileId}::text collate "C", ${after.agent}::text collate "C")
      order by a.profile_id, a.agent
      limit ${limit}::int
      for update
    )
    delete from agenda a
    using chosen c
    where a.workspace_id = ${workspaceId}::int and a.profile_id = c.profile_id and a.agent = c.agent
    returning a.profile_id as "profileId", a.agent, c.state, c.parked`,
  )
