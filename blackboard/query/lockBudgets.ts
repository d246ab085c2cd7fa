import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Holds budgets, in the order of their names, so that what is left of them is what the holder finds until it commits. */
export const lockBudgets = statement<{ workspaceId: number; names: readonly string[] }, never>(
  (arg) => sql`
    select from budget
    where workspace_id = ${arg.workspaceId}::int and name = any(${arg.names}::text[])
    order by name
    for no key update`,
)
