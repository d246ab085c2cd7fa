import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Lets a follow-up be tried at once, one that was given up too. It keeps no more tries than make it overdue, so that
 * it is tried for two days again and stays in sight. Nothing for one that arrived or is being passed on.
 */
export const retryFollowUp = statement<
  { workspaceId: number; profileId: string; id: string; attemptsMax: number; at: string },
  { kind: string; channel: string; attempts: number }
>(
  (arg) => sql`
    update follow_up f
    set state = 'pending', ended_at = null, attempts = least(f.attempts, ${arg.attemptsMax}::int),
      due_at = ${arg.at}::timestamptz, updated_at = ${arg.at}::timestamptz
    where f.workspace_id = ${arg.workspaceId}::int and f.profile_id = ${arg.profileId}::text
      and f.id = ${arg.id}::text and f.state in ('pending', 'failed', 'not_supported')
      and f.lease_owner is null
    returning f.kind, f.channel, f.attempts`,
)
