import { sql } from 'drizzle-orm/sql/sql'
import { acrossWorkspaces } from '../statement.ts'

/** Deletes intents that ended before then, the oldest first; what waits for somebody stays. */
export const dropIntents = acrossWorkspaces<{ before: string; limit: number }, { id: string }>(
  (arg) => sql`
    delete from intent i
    using (
      select workspace_id, profile_id, id from intent
      where ended_at < ${arg.before}::timestamptz and due_at is null
      order by ended_at limit ${arg.limit}::int for update skip locked
    ) as old
    where i.workspace_id = old.workspace_id and i.profile_id = old.profile_id and i.id = old.id
    returning i.id`,
)
