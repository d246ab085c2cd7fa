import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Makes the caller the only one who chains this workspace's audit entries, until its transaction ends. */
export const lockChain = statement<{ workspaceId: number }, { taken: boolean }>(
  (arg) => sql`select pg_try_advisory_xact_lock(1397509953, ${arg.workspaceId}::int) as taken`,
)
