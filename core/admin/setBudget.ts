import { listBudgets } from '../../blackboard/query/listBudgets.ts'
import { writeBudget } from '../../blackboard/query/writeBudget.ts'
import { transact } from '../../blackboard/transact.ts'
import { fail } from '../errors.ts'
import { budgetInputSchema } from '../model/budget.ts'
import { demand, type Reader } from '../read/reader.ts'
import { audit } from './audit.ts'
import { parseInput } from './parseInput.ts'

/**
 * Sets a budget anew, or the cap and the end of one that there is. What is spent stays spent: the lowest cap is that,
 * and with it nothing more is.
 *
 * @throws forbidden, bad_input, budget_spent, budget_unit
 */
export async function setBudget(reader: Reader, given: unknown): Promise<string> {
  demand(reader, 'administer', 'Budget')
  const { board, principal } = reader
  const { workspaceId } = principal
  const { name, unit, cap, endsAt } = parseInput(budgetInputSchema, given)
  const ends = endsAt?.toISOString() ?? null
  await transact(board.db, async (tx) => {
    const at = board.clock.now().toISOString()
    const [written] = await writeBudget(tx, { workspaceId, name, unit, cap, endsAt: ends, at })
    if (!written) {
      const [known] = await listBudgets(tx, { workspaceId, names: [name] })
      if (known && known.unit !== unit) throw fail('budget_unit', { name, unit: known.unit })
      throw fail('budget_spent', { name, cap, spent: known?.spent ?? 0 })
    }
    await audit(tx, board, {
      workspaceId,
      actor: `principal:${principal.id}`,
      action: 'budget.set',
      object: `budget:${name}`,
      payload: { unit, cap, endsAt: ends },
    })
  })
  board.signals.send('audit')
  return name
}
