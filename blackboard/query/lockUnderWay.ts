import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Keeps the dispatches of profiles that are under way so until the transaction ends: who records that one has
 * landed then finds the follow-up that waits for it, and does not leave it to its time.
 */
export const lockUnderWay = statement<
  { workspaceId: number; profileIds: readonly string[] },
  { id: string }
>(
  (arg) => sql`
    select id from activation
    where workspace_id = ${arg.workspaceId}::int and profile_id = any(${arg.profileIds}::text[])
      and state = 'dispatching'
    order by profile_id, id
    for share`,
)
