import { sql } from 'drizzle-orm/sql/sql'
import { acrossWorkspaces } from '../statement.ts'

/** Lets others go by the lock of a worker's session, or no more. */
export const notePresence = acrossWorkspaces<{ id: string; isPresent: boolean }, never>(
  (arg) => sql`
    update worker set is_present = ${arg.isPresent}::boolean
    where id = ${arg.id} and is_present <> ${arg.isPresent}::boolean`,
)
