import { sql } from 'drizzle-orm/sql/sql'
import { acrossWorkspaces } from '../statement.ts'

/** Gives back what a living dispatcher began and could not record the end of; `kept` is under way. */
export const returnDispatches = acrossWorkspaces<
  { owner: string; kept: readonly string[] },
  { id: string }
>(
  (arg) => sql`
    update activation set state = 'approved', lease_owner = null
    where state = 'dispatching' and lease_owner = ${arg.owner} and id <> all(${arg.kept}::text[])
    returning id`,
)
