import { sql } from 'drizzle-orm/sql/sql'
import { acrossWorkspaces } from '../statement.ts'

/** Follow-ups that their receivers would not take in `triesMax` tries, and those that were given up. */
export const countOverdueFollowUps = acrossWorkspaces<{ triesMax: number }, { count: number }>(
  (arg) => sql`
    select count(*)::int as count from follow_up
    where (state = 'pending' and attempts >= ${arg.triesMax}::int) or state = 'failed'`,
)
