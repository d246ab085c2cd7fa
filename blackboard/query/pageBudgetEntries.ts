import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

export interface BudgetEntryRow {
  id: string
  kind: 'spend' | 'refund'
  amount: number
  reference: string
  by: string
  at: Date
}

/** The newest of a budget, older than `after`. */
export const pageBudgetEntries = statement<
  { workspaceId: number; budget: string; after: number | null; limit: number },
  BudgetEntryRow
>(
  (arg) => sql`
    select id::text as id, kind, amount::float8 as amount, reference, by, at
    from budget_entry
    where workspace_id = ${arg.workspaceId}::int and budget = ${arg.budget}::text
      and (${arg.after}::bigint is null or id < ${arg.after}::bigint)
    order by id desc
    limit ${arg.limit}::int`,
)
