import { sql } from 'drizzle-orm/sql/sql'
import type { JsonObject } from '../../core/model/json.ts'
import { statement } from '../statement.ts'

/** The next activations of one profile, oldest first, with their content. */
export const pageActivations = statement<
  { workspaceId: number; profileId: string; after: string; limit: number },
  {
    id: string
    state: string
    purpose: string
    channel: string
    destination: string | null
    proposerKind: string
    proposerId: string
    content: JsonObject
    fields: string[]
    createdAt: Date
    sentAt: Date | null
  }
>(
  (arg) => sql`
    select id, state, purpose, channel, destination, proposer_kind as "proposerKind",
      proposer_id as "proposerId", content, fields, created_at as "createdAt", sent_at as "sentAt"
    from activation
    where workspace_id = ${arg.workspaceId}::int and profile_id = ${arg.profileId}
      and id > ${arg.after}::text collate "C"
    order by id
    limit ${arg.limit}::int`,
)
