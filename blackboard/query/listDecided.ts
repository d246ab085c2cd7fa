import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** The activations whose latest decision was made since a time, the newest first. */
export const listDecided = statement<
  { workspaceId: number; since: string; limit: number },
  { profileId: string; id: string }
>(
  (arg) => sql`
    select d.profile_id as "profileId", d.activation_id as id
    from decision d
    join activation a on a.workspace_id = d.workspace_id and a.profile_id = d.profile_id
      and a.id = d.activation_id and a.decision_id = d.id
    where d.workspace_id = ${arg.workspaceId}::int and d.decided_at >= ${arg.since}::timestamptz
    order by d.id desc
    limit ${arg.limit}::int`,
)
