import { sql } from 'drizzle-orm/sql/sql'
import type { ParkedReason } from '../../core/model/reaction.ts'
import { reactionsAsked, type AskedReactions } from '../reactions.ts'
import { run, type Handle } from '../statement.ts'

/** Where a walk over the agenda goes on: rows come in the order of their key, in which they are locked too. */
export interface ReactionKey {
  profileId: string
  agent: string
}

/**
 * Puts parked reactions back into the order, as if for the first time: those of the first keys beyond `after`. Who was
 * in a ring begins a chain of its own, or it would be parked again at once.
 */
export const freeReactions = (
  tx: Handle,
  {
    workspaceId,
    asked,
    after,
    limit,
  }: { workspaceId: number; asked: AskedReactions; after: ReactionKey; limit: number },
): Promise<(ReactionKey & { parked: ParkedReason })[]> =>
  run(
    tx,
    workspaceId,
    sql`
    with chosen as materialized (
      select a.profile_id, a.agent, a.parked from agenda a
      where ${sql.join(reactionsAsked(workspaceId, { ...asked, state: 'parked' }), sql` and `)}
        and (a.profile_id, a.agent) > (${after.profileId}::text collate "C", ${after.agent}::text collate "C")
      order by a.profile_id, a.agent
      limit ${limit}::int
      for update
    )
    update agenda a
    set rank = -a.priority, parked = null, due_at = null, attempts = 0,
      hop = case when c.parked = 'loop' then 0 else a.hop end,
      trail = case when c.parked = 'loop' then '' else a.trail end
    from chosen c
    where a.workspace_id = ${workspaceId}::int and a.profile_id = c.profile_id and a.agent = c.agent
    returning a.profile_id as "profileId", a.agent, c.parked`,
  )
