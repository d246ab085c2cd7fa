import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Destinations that failed lately. */
export const readCircuits = statement<
  { workspaceId: number },
  { destination: string; failures: number; openUntil: Date | null }
>(
  (arg) => sql`
    select destination, failures, open_until as "openUntil" from circuit
    where workspace_id = ${arg.workspaceId}::int`,
)
