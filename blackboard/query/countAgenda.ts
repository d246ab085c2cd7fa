import { sql } from 'drizzle-orm/sql/sql'
import type { ParkedReason, ReactionState } from '../../core/model/reaction.ts'
import { parkedReason, reactionState } from '../reactions.ts'
import { acrossWorkspaces } from '../statement.ts'

/** How many reactions of all workspaces stand where, and why those do that are parked. */
export const countAgenda = acrossWorkspaces<
  object,
  { state: ReactionState; parked: ParkedReason | null; count: number }
>(
  () => sql`
    select ${reactionState} as state, ${parkedReason} as parked, count(*)::int as count
    from agenda a
    group by 1, 2`,
)
