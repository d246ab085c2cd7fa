import type { Report } from './figure.ts'
import { benchActivate } from './policy/activate.ts'
import { benchDecide } from './policy/decide.ts'
import { benchFuzz } from './policy/fuzz.ts'
import { benchRead } from './policy/read.ts'
import { benchSimulate } from './policy/simulate.ts'

/** What policies cost: a decision beside other engines, profile reads, simulation, and activation. */
export async function benchPolicy(report: Report): Promise<void> {
  await benchDecide(report)
  await benchRead(report)
  await benchSimulate(report)
  await benchActivate(report)
  await benchFuzz(report)
}
