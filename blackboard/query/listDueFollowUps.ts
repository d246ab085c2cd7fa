import { sql } from 'drizzle-orm/sql/sql'
import { acrossWorkspaces } from '../statement.ts'
import { placeOf } from './listApproved.ts'

/** Follow-ups that are due and that nobody passes on now, oldest first, those to the `passed` places left out. */
export const listDueFollowUps = acrossWorkspaces<
  { now: string; limit: number; passed: readonly string[] },
  {
    workspaceId: number
    profileId: string
    id: string
    channel: string
    destination: string | null
    place: string
  }
>(
  (arg) => sql`
    select workspace_id as "workspaceId", profile_id as "profileId", id, channel, destination,
      ${placeOf} as place
    from follow_up
    where state = 'pending' and lease_owner is null and due_at <= ${arg.now}::timestamptz
      and ${placeOf} <> all(${arg.passed}::text[])
    order by due_at
    limit ${arg.limit}::int`,
)
