import type { Report } from './figure.ts'
import { benchCalls, benchNeighbours, benchReloads } from './plugins/cells.ts'
import { benchKill, benchStart, benchUpgrades } from './plugins/board.ts'

/**
 * What plugins cost and what the bad ones can do: 118 of them loaded and called, upgraded under load, reloaded
 * a thousand times, beside hanging and memory-eating neighbours, and with their cells killed.
 */
export async function benchPlugins(report: Report): Promise<void> {
  await benchStart(report)
  await benchCalls(report)
  await benchUpgrades(report)
  await benchReloads(report)
  await benchNeighbours(report)
  await benchKill(report)
}
