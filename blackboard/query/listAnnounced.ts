import { sql } from 'drizzle-orm/sql/sql'
import type { Json } from '../../core/model/json.ts'
import { statement } from '../statement.ts'

/** What agents announced about one profile, in the order of the ids. */
export const listAnnounced = statement<
  { workspaceId: number; profileId: string; after: string; limit: number },
  {
    id: string
    agent: string
    kind: string
    resource: string
    direction: string | null
    proposal: Json
    state: string
    announcedAt: Date
  }
>(
  (arg) => sql`
    select id, agent, kind, resource, direction, proposal, state, announced_at as "announcedAt"
    from intent
    where workspace_id = ${arg.workspaceId}::int and profile_id = ${arg.profileId} and id > ${arg.after}
    order by id limit ${arg.limit}::int`,
)
