import { startFlow } from '../../core/flow/flow.ts'
import type { Slateboard } from '../../core/open.ts'
import { inChunks, installBenchPlugin, openBench, source, trackOf, type Bench } from './bench.ts'
import { quantile, type Report } from './figure.ts'
import { runRawChain } from './rawChain.ts'

const profiles = 10_000
const waiting = 100_000
const eventsPerSecond = 200
const latencySeconds = 10

/**
 * Agent steps per second for the chain event → first agent writes a trait → second agent writes a trait,
 * policies and audit on; the same while 100,000 reactions wait; and how long an event takes to come through
 * both at 200 events a second.
 */
export async function benchReact(report: Report): Promise<void> {
  await using bench = await openBench({ works: false })
  const { app, engine } = bench
  await installBenchPlugin(app, 'chain')
  const base = { bench: 'react', engine, agents: 2 }
  await wake(app, 'warm', 2000)
  await drain(app)
  const raw = await runRawChain(bench, profiles)
  await wake(app, 'p', profiles)
  const steps = await drain(app)
  report({
    ...base,
    figure: 'stepsPerSecond',
    value: steps,
    unit: '1/s',
    profiles,
    baseline: 'raw-sql',
    ratio: steps / raw,
  })
  await latency(bench, report)
  await wake(app, 'w', waiting)
  const backlog = await drain(app, profiles * 2)
  report({
    ...base,
    figure: 'stepsPerSecondBacklog',
    value: backlog,
    unit: '1/s',
    waiting,
    baseline: 'stepsPerSecond',
    ratio: backlog / steps,
  })
}

/** Puts one event each of `count` customers in, with nobody reacting yet. */
async function wake(app: Slateboard, prefix: string, count: number): Promise<void> {
  const users = Array.from({ length: count }, (_, n) => `${prefix}${n}`)
  await inChunks(users, 1000, (chunk) =>
    app.intake.submit(
      source,
      chunk.map((user, n) => trackOf(app, user, 'Step', n)),
    ),
  )
}

/** Starts the flow, waits until it is done (or did `steps`), and returns steps per second. */
async function drain(app: Slateboard, steps = Number.POSITIVE_INFINITY): Promise<number> {
  const started = performance.now()
  await using flow = startFlow(app)
  let seconds = 0
  if (steps === Number.POSITIVE_INFINITY) await flow.worker.idle()
  else await reached(() => flow.worker.counts.committed >= steps)
  seconds = (performance.now() - started) / 1000
  return flow.worker.counts.committed / seconds
}

async function reached(done: () => boolean): Promise<void> {
  while (!done()) await new Promise((resolve) => setTimeout(resolve, 5))
}

/** Commit of the event to commit of the first and of the second agent's write, in milliseconds. */
async function latency({ app, engine }: Bench, report: Report): Promise<void> {
  await using flow = startFlow(app)
  await flow.worker.idle()
  const seen = new Map<string, number[]>()
  const stop = app.board.signals.onProfileChanged((_, ids) => {
    const at = performance.now()
    for (const id of ids) {
      const times = seen.get(id)
      if (times) times.push(at)
      else seen.set(id, [at])
    }
  })
  const total = eventsPerSecond * latencySeconds
  const started = performance.now()
  const pending: Promise<unknown>[] = []
  for (let n = 0; n < total; n += 1) {
    const due = started + (n * 1000) / eventsPerSecond
    const wait = due - performance.now()
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait))
    pending.push(app.intake.submit(source, [trackOf(app, `l${n}`, 'Step', n)]))
  }
  await Promise.all(pending)
  await flow.worker.idle()
  stop()
  const chains = [...seen.values()].filter(({ length }) => length >= 3)
  for (const [name, step] of [
    ['first', 1],
    ['second', 2],
  ] as const) {
    const times = chains.map((at) => (at[step] ?? 0) - (at[0] ?? 0))
    for (const [figure, q] of [
      ['p50', 0.5],
      ['p95', 0.95],
      ['p99', 0.99],
    ] as const) {
      report({
        bench: 'react',
        figure: `${name}AgentLatency.${figure}`,
        value: quantile(times, q),
        unit: 'ms',
        engine,
        eventsPerSecond,
        samples: times.length,
      })
    }
  }
}
