import { listBudgets as list, type BudgetRow } from '../../blackboard/query/listBudgets.ts'
import { pageBudgetEntries, type BudgetEntryRow } from '../../blackboard/query/pageBudgetEntries.ts'
import { fail } from '../errors.ts'
import { asPage, pageSize, type Page, type PageInput } from './page.ts'
import { demand, type Reader } from './reader.ts'

export type { BudgetEntryRow, BudgetRow }

/** @throws forbidden */
export function listBudgets(
  reader: Reader,
  names: readonly string[] | null = null,
): Promise<BudgetRow[]> {
  demand(reader, 'read', 'Budget')
  return list(reader.board.db.sql, { workspaceId: reader.principal.workspaceId, names })
}

/** What was booked of a budget, the newest first. @throws forbidden, bad_input */
export async function listBudgetEntries(
  reader: Reader,
  budget: string,
  page: PageInput,
): Promise<Page<BudgetEntryRow>> {
  const limit = pageSize(page)
  demand(reader, 'read', 'Budget')
  const { workspaceId } = reader.principal
  const after = positionOf(page.after)
  const rows = await pageBudgetEntries(reader.board.db.sql, {
    workspaceId,
    budget,
    after,
    limit: limit + 1,
  })
  return asPage(rows, limit)
}

function positionOf(after: string | null | undefined): number | null {
  if (after === null || after === undefined) return null
  const position = Number(after)
  if (/^\d{1,19}$/.test(after) && Number.isSafeInteger(position)) return position
  throw fail('bad_input', { path: 'after', reason: 'it is not a cursor of this list' })
}
