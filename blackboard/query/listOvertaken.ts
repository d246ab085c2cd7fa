import { sql } from 'drizzle-orm/sql/sql'
import type { FollowUpRow } from './claimFollowUps.ts'
import { statement } from '../statement.ts'

/**
 * Follow-ups to what has only now arrived: those that wait for it (`waits`), and those that went before it,
 * and so told the receiver of something that it had not got yet.
 */
export const listOvertaken = statement<
  { workspaceId: number; profileIds: readonly string[]; activationIds: readonly string[] },
  Omit<FollowUpRow, 'attempts'> & { waits: boolean }
>(
  (arg) => sql`
    select profile_id as "profileId", id, kind, purpose, channel, destination,
      activation_ids as "activationIds", reason, asked_at as "askedAt",
      (state = 'pending' and attempts = 0) as waits
    from follow_up
    where workspace_id = ${arg.workspaceId}::int and profile_id = any(${arg.profileIds}::text[])
      and activation_ids && ${arg.activationIds}::text[] and state <> 'not_supported'
    order by profile_id, id
    for update`,
)
