import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Lets one transaction at a time change what derived traits inherit in a workspace: each works it out from all
 * definitions, so two at once would each miss the other's. Taken before definitions are locked. Ends with the
 * transaction.
 */
export const lockDerivations = statement<{ workspaceId: number }, { locked: string }>(
  (arg) => sql`select pg_advisory_xact_lock(1886350458, ${arg.workspaceId}::int)::text as locked`,
)
