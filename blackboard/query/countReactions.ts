import { sql } from 'drizzle-orm/sql/sql'
import type { ParkedReason, ReactionState } from '../../core/model/reaction.ts'
import { parkedReason, reactionState } from '../reactions.ts'
import { statement } from '../statement.ts'

export interface ReactionCount {
  agent: string
  state: ReactionState
  parked: ParkedReason | null
  count: number
  /** When the one that waits longest was put on the agenda. */
  oldestAt: Date
}

/** How many reactions of each agent stand where. Reads the agenda of the workspace: for a look now and then. */
export const countReactions = statement<
  { workspaceId: number; agents: readonly string[] | null },
  ReactionCount
>(
  (arg) => sql`
    select a.agent, ${reactionState} as state, ${parkedReason} as parked, count(*)::int as count,
      min(a.enqueued_at) as "oldestAt"
    from agenda a
    where a.workspace_id = ${arg.workspaceId}::int
      and (${arg.agents}::text[] is null or a.agent = any(${arg.agents}::text[]))
    group by 1, 2, 3
    order by 1, 2, 3`,
)
