import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Moves follow-ups on: with `holder` those that it took on, and nobody holds them afterwards; without, those
 * that nobody holds.
 */
export const moveFollowUps = statement<
  {
    workspaceId: number
    profileIds: readonly string[]
    moves: string
    holder: string | null
    at: string
  },
  { id: string }
>(
  (arg) => sql`
    update follow_up f
    set state = move.state, lease_owner = null, last_error = coalesce(move.error, f.last_error),
      due_at = coalesce(move."dueAt", f.due_at), updated_at = ${arg.at}::timestamptz,
      ended_at = case when move.state = 'pending' then null else ${arg.at}::timestamptz end
    from json_to_recordset(${arg.moves}::text::json)
      as move ("profileId" text, id text, state text, error text, "dueAt" timestamptz)
    where f.workspace_id = ${arg.workspaceId}::int and f.profile_id = any(${arg.profileIds}::text[])
      and f.profile_id = move."profileId" and f.id = move.id and f.state = 'pending'
      and f.lease_owner is not distinct from ${arg.holder}::text
    returning f.id`,
)
