import { pass, refuse } from '../finding.ts'
import type { Finding } from '../finding.ts'
import type { GateInput } from '../input.ts'

/** What it costs is there to be spent. A budget that nobody set, or that is over, has nothing. */
export function checkBudget({ request: { cost }, left }: GateInput): Finding {
  if (cost === null) return pass('costs_nothing')
  const evidence = [`budget:${cost.budget}`, `amount:${cost.amount}`]
  if (left === null) return refuse('budget_not_open', evidence)
  const counted = [...evidence, `left:${left}`]
  return cost.amount > left ? refuse('budget_exhausted', counted) : pass('ok', counted)
}
