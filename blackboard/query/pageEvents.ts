import { sql } from 'drizzle-orm/sql/sql'
import type { JsonObject } from '../../core/model/json.ts'
import { statement } from '../statement.ts'

export interface StoredEvent {
  id: string
  type: string
  name: string
  sourceId: string
  properties: JsonObject | null
  traits: JsonObject | null
  context: JsonObject | null
  /** What was sealed on arrival, under the profile's key. */
  sealed: Buffer | null
  occurredAt: Date
  receivedAt: Date
}

/** The next events of one profile, oldest first, with all that is stored of them. */
export const pageEvents = statement<
  { workspaceId: number; profileId: string; after: string; limit: number },
  StoredEvent
>(
  (arg) => sql`
    select id, type, name, source_id as "sourceId", properties, traits, context, sealed,
      occurred_at as "occurredAt", received_at as "receivedAt"
    from event
    where workspace_id = ${arg.workspaceId}::int and profile_id = ${arg.profileId}
      and id > ${arg.after}::text collate "C"
    order by id
    limit ${arg.limit}::int`,
)
