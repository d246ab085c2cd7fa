import { sql } from 'drizzle-orm/sql/sql'
import type { FollowUpKind } from '../../core/model/followUp.ts'
import { statement } from '../statement.ts'

export interface FollowUpRow {
  profileId: string
  id: string
  kind: FollowUpKind
  purpose: string | null
  channel: string
  destination: string | null
  activationIds: string[]
  reason: string
  askedAt: Date
  attempts: number
}

/** Takes follow-ups on, under a worker's name; those that another took are left out. */
export const claimFollowUps = statement<
  {
    workspaceId: number
    profileIds: readonly string[]
    ids: readonly string[]
    owner: string
    at: string
  },
  FollowUpRow
>(
  (arg) => sql`
    update follow_up f
    set lease_owner = ${arg.owner}, attempts = f.attempts + 1, updated_at = ${arg.at}::timestamptz
    from (
      select profile_id, id from follow_up
      where workspace_id = ${arg.workspaceId}::int and profile_id = any(${arg.profileIds}::text[])
        and id = any(${arg.ids}::text[]) and state = 'pending' and lease_owner is null
      order by profile_id, id
      for update skip locked
    ) as free
    where f.workspace_id = ${arg.workspaceId}::int and f.profile_id = free.profile_id
      and f.id = free.id
    returning f.profile_id as "profileId", f.id, f.kind, f.purpose, f.channel, f.destination,
      f.activation_ids as "activationIds", f.reason, f.asked_at as "askedAt", f.attempts`,
)
