import { openBench } from './bench.ts'
import type { Report } from './figure.ts'
import { benchDecide } from './gate/decide.ts'
import { benchEffect } from './gate/effect.ts'
import { benchSend } from './gate/send.ts'

/**
 * How fast the gate decides and explains, how many activations come through from proposal to the receiver, and
 * how soon a withdrawal takes effect while everybody is written to.
 */
export async function benchGate(report: Report): Promise<void> {
  benchDecide(report)
  await using bench = await openBench({ works: false })
  await benchSend(bench, report)
  await benchEffect(bench, report)
}
