import { bookCosts } from '../../../blackboard/query/bookCosts.ts'
import type { GateRow } from '../../../blackboard/query/claimProposed.ts'
import { readBudgets } from '../../../blackboard/query/readBudgets.ts'
import type { Handle } from '../../../blackboard/statement.ts'

type Paying = Pick<GateRow, 'id' | 'cost' | 'attempts' | 'proposerKind' | 'proposerId'>

/** What is left of budgets, for activations that are judged together. */
export interface Purse {
  /** As `GateInput.left`. */
  leftFor(row: Paying): number | null
  /** From now on it is paid for: the others of the batch, which are judged after it, have less. */
  take(row: Paying): void
  /** Books what was taken. */
  book(handle: Handle): Promise<void>
}

const none: Purse = { leftFor: () => null, take: () => undefined, book: () => Promise.resolve() }

/**
 * No statement at all where nothing costs anything. What a dispatch rests on is asked for while the budgets are held
 * (`lockBudgets`).
 */
export async function openPurse(
  handle: Handle,
  workspaceId: number,
  rows: readonly Paying[],
  now: Date,
): Promise<Purse> {
  const names = budgetsOf(rows)
  if (names.length === 0) return none
  const budgets = await readBudgets(handle, { workspaceId, names, at: now.toISOString() })
  const left = new Map(budgets.map((budget) => [budget.name, budget.left]))
  const taken: Paying[] = []
  return {
    leftFor({ cost, attempts }) {
      if (cost === null) return null
      // It was paid for when it was first tried, whatever became of the budget since.
      return attempts > 0 ? cost.amount : (left.get(cost.budget) ?? null)
    },
    take(row) {
      const { cost, attempts } = row
      if (cost === null || attempts > 0) return
      left.set(cost.budget, (left.get(cost.budget) ?? 0) - cost.amount)
      taken.push(row)
    },
    async book(to) {
      if (taken.length === 0) return
      const costs = taken.map(({ id, cost, proposerKind, proposerId }) => ({
        ...cost,
        reference: `activation:${id}`,
        by: `${proposerKind}:${proposerId}`,
      }))
      await bookCosts(to, {
        workspaceId,
        costs: JSON.stringify(costs),
        at: now.toISOString(),
      })
    },
  }
}

/** The budgets that these are paid from, each once. */
export const budgetsOf = (rows: readonly Pick<GateRow, 'cost'>[]): string[] => [
  ...new Set(rows.flatMap(({ cost }) => (cost === null ? [] : [cost.budget]))),
]
