import { openBench } from './bench.ts'
import type { Report } from './figure.ts'
import { benchAudience } from './gate/audience.ts'
import { benchDecide } from './gate/decide.ts'
import { benchEffect } from './gate/effect.ts'
import { benchSend } from './gate/send.ts'

/**
 * How fast the gate decides and explains, how many activations come through from proposal to the receiver, and
 * how soon a withdrawal takes effect while everybody is written to; then the audience of a million.
 */
export async function benchGate(report: Report): Promise<void> {
  benchDecide(report)
  await benchPath(report)
  await benchAudience(report)
}

async function benchPath(report: Report): Promise<void> {
  await using bench = await openBench({ works: false })
  await benchSend(bench, report)
  await benchEffect(bench, report)
}
