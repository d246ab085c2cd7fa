import { sql } from 'drizzle-orm/sql/sql'
import { acrossWorkspaces } from '../statement.ts'

/** Keeps a worker's lease alive. The database's clock counts, so that nodes need not agree on the time. */
export const beatWorker = acrossWorkspaces<{ id: string; leaseMs: number }, never>(
  (arg) => sql`
    insert into worker (id, lease_expires_at)
    values (${arg.id}, clock_timestamp() + ${arg.leaseMs}::int * interval '1 millisecond')
    on conflict (id) do update set lease_expires_at = excluded.lease_expires_at`,
)
