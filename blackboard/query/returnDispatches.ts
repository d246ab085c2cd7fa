import { sql } from 'drizzle-orm/sql/sql'
import { acrossWorkspaces } from '../statement.ts'

/** Gives back what a living dispatcher began and could not record the end of. */
export const returnDispatches = acrossWorkspaces<{ owner: string }, { id: string }>(
  (arg) => sql`
    update activation set state = 'approved', lease_owner = null
    where state = 'dispatching' and lease_owner = ${arg.owner}
    returning id`,
)
