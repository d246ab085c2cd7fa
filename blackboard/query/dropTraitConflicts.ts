import { sql } from 'drizzle-orm/sql/sql'
import { acrossWorkspaces } from '../statement.ts'

/** Deletes conflicts that are settled and were last seen before then, the oldest first; what waits for somebody stays. */
export const dropTraitConflicts = acrossWorkspaces<
  { before: string; limit: number },
  { id: string }
>(
  (arg) => sql`
    delete from trait_conflict c
    using (
      select workspace_id, profile_id, id from trait_conflict
      where state = 'settled' and at < ${arg.before}::timestamptz
      order by at limit ${arg.limit}::int for update skip locked
    ) as old
    where c.workspace_id = old.workspace_id and c.profile_id = old.profile_id and c.id = old.id
    returning c.id`,
)
