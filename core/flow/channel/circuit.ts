import type { Delivery } from './channel.ts'

/** Failures in a row before a destination is left alone, and for how long. */
export const circuitFailuresMax = 5
export const circuitOpenMs = 30_000
/** How long others wait for the one that tries whether a destination is back. */
const probeMs = 1000

interface CircuitState {
  destination: string
  failures: number
  openUntil: Date | null
}

/**
 * Tells until when something for a destination must wait; undefined when it may go. While a circuit is
 * open everything waits until it ends; then, half open, the first that asks goes and the others wait a
 * moment for how it fares.
 */
export function createGuard(
  circuits: readonly CircuitState[],
  now: Date,
): (destination: string) => Date | undefined {
  const standing = new Map(circuits.map((circuit) => [circuit.destination, circuit]))
  const probed = new Set<string>()
  return (destination) => {
    const circuit = standing.get(destination)
    if (!circuit?.openUntil) return undefined
    if (circuit.openUntil > now) return circuit.openUntil
    if (probed.has(destination)) return new Date(now.getTime() + probeMs)
    probed.add(destination)
    return undefined
  }
}

/** Reasons that lie with us and say nothing of a destination. */
const ownFaults: ReadonlySet<string> = new Set(['internal', 'message_unreadable'])

const isOurs = (delivery: Delivery): boolean =>
  'reason' in delivery && ownFaults.has(delivery.reason)

/** One report per destination: a single success shows that it lives. A refusal is an answer, not a failure. */
export function reportsOf(
  results: readonly { circuit: string; delivery: Delivery }[],
): { destination: string; failures: number }[] {
  const answers = results.filter(({ delivery }) => !isOurs(delivery))
  return [...Map.groupBy(answers, ({ circuit }) => circuit)].map(([destination, all]) => {
    const isAlive = all.some(({ delivery }) => delivery.result !== 'retry')
    return { destination, failures: isAlive ? 0 : all.length }
  })
}
