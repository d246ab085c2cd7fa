import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Counts what waits for react, gate, dispatch or record. What sleeps or is parked does not count, neither does
 * what is held or put off until quiet hours end, or waits for a plugin that does not run: those wait for
 * something to happen. What failed is tried again within ten minutes, so what is due later than a quarter of an
 * hour from now is put off.
 */
export const countPending = statement<{ workspaceId: number }, { pending: number }>(
  (arg) => sql`
    select
      (select count(*) from agenda
        where workspace_id = ${arg.workspaceId}::int and (rank is not null or lease_owner is not null)
          and split_part(agent, '/', 1) in (select id from plugin
            where workspace_id = ${arg.workspaceId}::int and state = 'active'))
      + (select count(*) from activation
        where workspace_id = ${arg.workspaceId}::int and state in ('proposed', 'approved', 'dispatching')
          and (state <> 'approved' or due_at < now() + interval '15 minutes'))
      + (select count(*) from audit_inbox where workspace_id = ${arg.workspaceId}::int) as pending`,
)
