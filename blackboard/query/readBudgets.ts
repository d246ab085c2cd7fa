import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** What is left of those of the budgets that are not over. */
export const readBudgets = statement<
  { workspaceId: number; names: readonly string[]; at: string },
  { name: string; left: number }
>(
  (arg) => sql`
    select name, (cap - spent)::float8 as left
    from budget
    where workspace_id = ${arg.workspaceId}::int and name = any(${arg.names}::text[])
      and (ends_at is null or ends_at > ${arg.at}::timestamptz)`,
)
