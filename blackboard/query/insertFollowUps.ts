import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

export interface FollowUpWord {
  id: string
  profileId: string
  kind: string
  purpose: string | null
  channel: string
  reason: string
  activationIds: string[]
}

/**
 * Puts down what must follow. What waits already for the same destination, and nobody has begun to pass on,
 * takes up the later word; returns the rows that stand for each.
 */
export const insertFollowUps = statement<
  { workspaceId: number; followUps: string; at: string },
  FollowUpWord
>(
  (arg) => sql`
    insert into follow_up (workspace_id, profile_id, id, kind, purpose, channel, destination,
      activation_ids, reason, state, asked_at, due_at, updated_at)
    select ${arg.workspaceId}::int, "profileId", id, kind, purpose, channel, destination,
      "activationIds", reason, 'pending', "askedAt", "dueAt", ${arg.at}::timestamptz
    from json_to_recordset(${arg.followUps}::text::json) as new ("profileId" text, id text, kind text,
      purpose text, channel text, destination text, "activationIds" text[], reason text,
      "askedAt" timestamptz, "dueAt" timestamptz)
    order by "profileId", id
    on conflict (workspace_id, profile_id, kind, channel, hashtextextended(destination, 0), purpose)
      where state = 'pending' and attempts = 0
    do update set asked_at = excluded.asked_at, due_at = excluded.due_at, reason = excluded.reason,
      activation_ids = excluded.activation_ids, updated_at = excluded.updated_at
    returning id, profile_id as "profileId", kind, purpose, channel, reason,
      activation_ids as "activationIds"`,
)
