import { benchLevels } from './agents/levels.ts'
import { benchOverhead } from './agents/overhead.ts'
import { benchRecovery } from './agents/recovery.ts'
import type { Report } from './figure.ts'

/**
 * How the blackboard stands the number of agents: 4 to 118 of them, each a plugin of its own, on 10,000 profiles of
 * 40 traits; what it adds to agents that take their time; and what the death of a node costs.
 */
export async function benchAgents(report: Report): Promise<void> {
  await benchLevels(report)
  await benchOverhead(report)
  await benchRecovery(report)
}
