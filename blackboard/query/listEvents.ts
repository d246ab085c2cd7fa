import { sql } from 'drizzle-orm/sql/sql'
import type { EventType } from '../../core/model/event.ts'
import type { JsonObject } from '../../core/model/json.ts'
import { statement } from '../statement.ts'

/**
 * The newest events of each profile and its members, older than `after`.
 * `profiles` is JSON: [{ id, members }].
 */
export const listEvents = statement<
  { workspaceId: number; profiles: string; after: string | null; limit: number },
  {
    subject: string
    profileId: string
    id: string
    type: EventType
    name: string
    sourceId: string
    messageId: string
    properties: JsonObject | null
    occurredAt: Date
    receivedAt: Date
  }
>(
  (arg) => sql`
    select wanted.id as subject, found.*
    from json_to_recordset(${arg.profiles}::text::json) as wanted (id text, members text[])
    cross join lateral (
      select profile_id as "profileId", id, type, name, source_id as "sourceId",
        message_id as "messageId", properties, occurred_at as "occurredAt",
        received_at as "receivedAt"
      from event e
      where e.workspace_id = ${arg.workspaceId}::int and e.profile_id = any(wanted.members)
        and (${arg.after}::text is null or e.id < ${arg.after}::text collate "C")
      order by e.id desc
      limit ${arg.limit}::int
    ) as found
    order by wanted.id, found.id desc`,
)
