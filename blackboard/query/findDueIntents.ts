import { sql } from 'drizzle-orm/sql/sql'
import { acrossWorkspaces } from '../statement.ts'

/** Whose intents have to be looked at, the longest due first. */
export const findDueIntents = acrossWorkspaces<
  { now: string; limit: number },
  { workspaceId: number; profileId: string; canonical: string }
>(
  (arg) => sql`
    select i.workspace_id as "workspaceId", i.profile_id as "profileId", p.canonical_id as canonical
    from (
      select workspace_id, profile_id, due_at from intent
      where due_at <= ${arg.now}::timestamptz order by due_at limit ${arg.limit}::int
    ) as i
    join profile p on p.workspace_id = i.workspace_id and p.id = i.profile_id
    group by i.workspace_id, i.profile_id, p.canonical_id`,
)
