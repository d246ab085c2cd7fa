import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

export interface BudgetRow {
  name: string
  unit: string
  cap: number
  spent: number
  endsAt: Date | null
  updatedAt: Date
}

/** All of them, or those of the names given. */
export const listBudgets = statement<
  { workspaceId: number; names: readonly string[] | null },
  BudgetRow
>(
  (arg) => sql`
    select name, unit, cap::float8 as cap, spent::float8 as spent, ends_at as "endsAt",
      updated_at as "updatedAt"
    from budget
    where workspace_id = ${arg.workspaceId}::int
      and (${arg.names}::text[] is null or name = any(${arg.names}::text[]))
    order by name`,
)
