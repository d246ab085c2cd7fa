import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Takes message keys; returns those that nobody took before. In key order, so that two batches with the
 * same messages wait for each other instead of locking up.
 */
export const claimMessages = statement<
  { workspaceId: number; keys: readonly string[]; on: string },
  { key: string }
>(
  (arg) => sql`
    insert into message (workspace_id, key, received_on)
    select ${arg.workspaceId}::int, key, ${arg.on}::date
    from unnest(${arg.keys}::uuid[]) as key
    order by key
    on conflict do nothing
    returning key`,
)
