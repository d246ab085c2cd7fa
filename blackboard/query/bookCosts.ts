import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Books what is spent, `costs` as JSON: [{ budget, amount, reference, by }], and says what was not booked before. More
 * than a cap leaves is refused by the database, with all of the transaction: the caller holds the budgets.
 */
export const bookCosts = statement<
  { workspaceId: number; costs: string; at: string },
  { budget: string; spent: number }
>(
  (arg) => sql`
    with booked as (
      insert into budget_entry (workspace_id, budget, kind, amount, reference, by, at)
      select ${arg.workspaceId}::int, budget, 'spend', amount, reference, by, ${arg.at}::timestamptz
      from json_to_recordset(${arg.costs}::text::json)
        as asked (budget text, amount bigint, reference text, by text)
      on conflict on constraint budget_entry_is_booked_once do nothing
      returning budget, amount
    )
    update budget b
    set spent = b.spent + total.amount, updated_at = ${arg.at}::timestamptz
    from (select budget, sum(amount)::bigint as amount from booked group by budget order by budget) total
    where b.workspace_id = ${arg.workspaceId}::int and b.name = total.budget
    returning b.name as budget, b.spent::float8 as spent`,
)
