import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** What one side of a merge was sent something for. */
export interface SentSide {
  /** The canonical profile that both will count as. */
  winner: string
  /** All profiles of the side. */
  members: string[]
  purpose: string
  channel: string
}

/**
 * What each person was sent something for that is about to be merged. To be asked before the merge, when the sides
 * can still be told apart.
 */
export const listSentSides = statement<{ workspaceId: number; merges: string }, SentSide>(
  (arg) => sql`
    with pair as (
      select loser, winner
      from json_to_recordset(${arg.merges}::text::json) as pair (loser text, winner text)
    ), side as (
      select loser as id, winner from pair union select winner, winner from pair
    ), sent as (
      select distinct side.id, side.winner, a.purpose, a.channel
      from side
      join profile p on p.workspace_id = ${arg.workspaceId}::int and p.canonical_id = side.id
      join activation a on a.workspace_id = ${arg.workspaceId}::int and a.profile_id = p.id
        and a.attempts > 0
    )
    select sent.winner, sent.purpose, sent.channel,
      array(select id from profile where workspace_id = ${arg.workspaceId}::int
        and canonical_id = sent.id order by id) as members
    from sent
    order by sent.id, sent.purpose, sent.channel`,
)
