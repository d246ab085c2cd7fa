import { sql } from 'drizzle-orm/sql/sql'
import type { FollowUpKind, FollowUpState } from '../../core/model/followUp.ts'
import { statement } from '../statement.ts'

export interface FollowUpView {
  profileId: string
  id: string
  kind: FollowUpKind
  state: FollowUpState
  purpose: string | null
  channel: string
  destination: string | null
  reason: string
  attempts: number
  lastError: string | null
  askedAt: Date
  dueAt: Date
  endedAt: Date | null
}

export const followUpColumns = sql`
  f.profile_id as "profileId", f.id, f.kind, f.state, f.purpose, f.channel, f.destination, f.reason, f.attempts,
  f.last_error as "lastError", f.asked_at as "askedAt", f.due_at as "dueAt", f.ended_at as "endedAt"`

/** The newest follow-ups of profiles, at most `limit` of each. */
export const listFollowUps = statement<
  { workspaceId: number; ids: readonly string[]; limit: number },
  FollowUpView
>(
  (arg) => sql`
    select found.* from unnest(${arg.ids}::text[]) as wanted (id)
    cross join lateral (
      select ${followUpColumns} from follow_up f
      where f.workspace_id = ${arg.workspaceId}::int and f.profile_id = wanted.id
      order by f.id desc
      limit ${arg.limit}::int
    ) as found
    order by found.id desc`,
)
