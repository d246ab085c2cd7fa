import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Counts what waits for react, gate, dispatch or record. What sleeps or is parked does not count, neither does
 * what is held: those wait for something to happen.
 */
export const countPending = statement<{ workspaceId: number }, { pending: number }>(
  (arg) => sql`
    select
      (select count(*) from agenda
        where workspace_id = ${arg.workspaceId}::int and (rank is not null or lease_owner is not null))
      + (select count(*) from activation
        where workspace_id = ${arg.workspaceId}::int and state in ('proposed', 'approved', 'dispatching'))
      + (select count(*) from audit_inbox where workspace_id = ${arg.workspaceId}::int) as pending`,
)
