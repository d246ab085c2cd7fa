import { sql } from 'drizzle-orm/sql/sql'
import { outsideWorkspaces } from '../statement.ts'

/** The lock of a worker's session; other locks of ours are of two numbers. */
export const presenceOf = (id: unknown) => sql`hashtextextended(${id}, 1886350461)`

/** Takes the lock that tells of a worker's life, for as long as the session lasts. */
export const takePresence = outsideWorkspaces<{ id: string }, never>(
  (arg) => sql`select pg_advisory_lock(${presenceOf(arg.id)})::text as taken`,
)
