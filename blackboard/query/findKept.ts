import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** The empty profile of an erased person of whom something is kept, by an identifier that was theirs. */
export const findKept = statement<{ workspaceId: number; hash: string }, { profileId: string }>(
  (arg) => sql`
    select r.profile_id as "profileId"
    from tombstone t
    cross join lateral (
      select profile_id from retention
      where workspace_id = t.workspace_id and receipt_id = t.receipt_id and ended_at is null
      offset 0
    ) as r
    where t.workspace_id = ${arg.workspaceId}::int and t.hash = ${arg.hash}::uuid
    limit 1`,
)
