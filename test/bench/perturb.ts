import { setTimeout as pause } from 'node:timers/promises'
import { startFlow } from '../../core/flow/flow.ts'
import { seeded } from './agents/random.ts'
import { openBench } from './bench.ts'
import { quantile, type Figure, type Report } from './figure.ts'
import { openSink } from './openSink.ts'
import { disturb, kinds, type Disturbed, type Kind, type Rules } from './perturb/disturb.ts'
import { load, openStage } from './perturb/stage.ts'

const perturbations = 112
/** Between one and the next, once all goes by the one before. */
const restMs = 100
/** A campaign that does not go by the new rules by then has failed. */
const deadlineMs = 5000

interface Seen {
  kind: Kind
  realignedMs: number
  reachedMs: number
}

/**
 * The rule of a segment, the cap of a budget and what the policy lets leave are changed 112 times while 38 agents
 * and a campaign are under load. How long until nothing that waited or ran before a change is left, and whether the
 * campaign goes by it: of each change a customer is the probe, who is treated otherwise under it than before.
 */
export async function benchPerturb(report: Report): Promise<void> {
  await using sink = await openSink()
  await using bench = await openBench({ works: false })
  const stage = await openStage(bench, sink.url, perturbations)
  await using flow = startFlow(bench.app)
  const stop = new AbortController()
  const loading = load(stage, stop.signal)
  await pause(2000)
  const random = seeded(112)
  let rules: Rules = { goldFrom: 500, isFunded: true, isPermitted: true, policy: 1 }
  const seen: Seen[] = []
  const order = kindsOf(perturbations, random)
  for (const [nth, kind] of order.entries()) {
    const user = stage.probes[nth] ?? ''
    const disturbed = await disturb(stage, kind, { rules, user, random })
    rules = disturbed.rules
    seen.push({ kind, ...(await watch(disturbed)) })
    await pause(restMs)
  }
  stop.abort()
  const changesPerSecond = Math.round(await loading)
  await flow.idle()
  const base = { bench: 'perturb', engine: bench.engine, unit: 'ms', changesPerSecond }
  for (const kind of [undefined, ...kinds]) {
    const own = seen.filter((one) => kind === undefined || one.kind === kind)
    tell(report, { ...base, kind: kind ?? 'all', samples: own.length }, own)
  }
  const failed = seen.filter(({ reachedMs }) => reachedMs > deadlineMs).length
  report({ ...base, figure: 'failed', value: failed, unit: 'campaigns', perturbations })
}

/** About a third each, in an order that comes again with the same numbers. */
function kindsOf(count: number, random: () => number): Kind[] {
  const left = Array.from({ length: count }, (_, nth) => kinds[nth % kinds.length] ?? 'rules')
  return Array.from({ length: count }, () => {
    const [kind = 'rules'] = left.splice(Math.floor(random() * left.length), 1)
    return kind
  })
}

/** How long it took, in milliseconds since the change was committed. */
async function watch({ at, isLeft, isReached }: Disturbed): Promise<Omit<Seen, 'kind'>> {
  const since = (): number => Date.now() - at.getTime()
  let [realignedMs, reachedMs] = [Infinity, Infinity]
  while (since() < deadlineMs * 2) {
    if (realignedMs === Infinity && !(await isLeft())) realignedMs = since()
    if (reachedMs === Infinity && (await isReached())) reachedMs = since()
    if (realignedMs < Infinity && reachedMs < Infinity) break
    await pause(5)
  }
  return { realignedMs, reachedMs }
}

type Base = Pick<Figure, 'bench' | 'engine' | 'unit'> & {
  kind: string
  samples: number
  changesPerSecond: number
}

function tell(report: Report, base: Base, own: readonly Seen[]): void {
  for (const [figure, times] of [
    ['realigned', own.map(({ realignedMs }) => realignedMs)],
    ['probeReached', own.map(({ reachedMs }) => reachedMs)],
  ] as const) {
    const mean = times.reduce((sum, ms) => sum + ms, 0) / times.length
    for (const [name, value] of [
      ['mean', mean],
      ['p95', quantile(times, 0.95)],
      ['max', Math.max(...times)],
    ] as const) {
      report({ ...base, figure: `${figure}.${name}`, value })
    }
  }
}
