import { sql } from 'drizzle-orm/sql/sql'
import { acrossWorkspaces } from '../statement.ts'

/** Gives back what a living worker took on and could not record the end of; `kept` is under way. */
export const returnFollowUps = acrossWorkspaces<
  { owner: string; kept: readonly string[] },
  { id: string }
>(
  (arg) => sql`
    update follow_up set lease_owner = null
    where state = 'pending' and lease_owner = ${arg.owner} and id <> all(${arg.kept}::text[])
    returning id`,
)
