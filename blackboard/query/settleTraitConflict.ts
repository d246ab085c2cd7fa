import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Writes down what a person decided of a conflict that the transaction holds, and what stood then: the same words are
 * settled by that later.
 */
export const settleTraitConflict = statement<
  {
    workspaceId: number
    profileId: string
    id: string
    resolution: 'kept' | 'taken'
    by: string
    /** JSON text; null for no value. */
    stood: string | null
    winnerKind: string
    winner: string
    at: string
  },
  never
>(
  (arg) => sql`
    update trait_conflict
    set state = 'settled', resolution = ${arg.resolution}::text, resolved_by = ${arg.by}::text,
      resolved_at = ${arg.at}::timestamptz, stood = ${arg.stood}::text::jsonb,
      winner_kind = ${arg.winnerKind}::text, winner = ${arg.winner}::text
    where workspace_id = ${arg.workspaceId}::int and profile_id = ${arg.profileId}::text
      and id = ${arg.id}::text`,
)
