import { setFlagsFromString } from 'node:v8'
import { runInNewContext, runInThisContext } from 'node:vm'
import { systemClock } from '../../../core/clock.ts'
import type { ReactInput } from '../../../core/host/contract.ts'
import { createHost, type PluginHost } from '../../../core/host/host.ts'
import { quantile, type Report } from '../figure.ts'
import { cellsMb, pssMb } from './memory.ts'
import { makePackage, type Make } from './package.ts'

export const pluginCount = 118
const batch = 50
const callSeconds = 8
/** Batches under way at once: enough that no cell waits for the host. */
const lanes = 8

const quiet = (): PluginHost => createHost({ clock: systemClock(), log: () => undefined })
const keyOf = (n: number): string => `bench-${n}`

/** A profile slice of 1 KB of JSON, as the starting measurements of the plugin host had it. */
function inputOf(n: number): ReactInput {
  const author = { kind: 'source', id: 'bench' } as const
  const writtenAt = '2026-01-01T00:00:00.000Z'
  const plan = { value: 'x'.repeat(700), confidence: 1, author, revision: 1, writtenAt }
  return {
    profile: { id: `profile-${n}`, traits: { plan } },
    causes: [{ kind: 'manual' }],
    now: writtenAt,
  }
}

const inputs = Array.from({ length: batch }, (_, n) => inputOf(n))

async function loadAll(host: PluginHost, makes: readonly Make[]): Promise<void> {
  await Promise.all(makes.map((make) => host.load(make.id, makePackage(make))))
}

/** Items a second through the cells, 118 plugins in turn; beside it the same functions called in this process. */
export async function benchCalls(report: Report): Promise<void> {
  await using host = quiet()
  await loadAll(
    host,
    Array.from({ length: pluginCount }, (_, n) => ({ id: keyOf(n) })),
  )
  const end = performance.now() + callSeconds * 1000
  let next = 0
  let items = 0
  const lane = async (): Promise<void> => {
    while (performance.now() < end) {
      next += 1
      const outcomes = await host.react(keyOf(next % pluginCount), 'run', inputs)
      const failed = outcomes.find((outcome) => !outcome.ok)
      if (failed) throw new TypeError(JSON.stringify(failed))
      items += outcomes.length
    }
  }
  const started = performance.now()
  await Promise.all(Array.from({ length: lanes }, lane))
  const perSecond = (items * 1000) / (performance.now() - started)
  const bare = inProcess()
  report({
    bench: 'plugins',
    figure: 'callsPerSecond',
    value: perSecond,
    unit: '1/s',
    engine: 'no database',
    plugins: pluginCount,
    batch,
    baseline: 'in-process, input and outcome copied as JSON',
    ratio: perSecond / bare,
  })
}

function inProcess(): number {
  const { bundle } = makePackage({ id: 'bare' })
  const run: (input: unknown) => unknown = runInThisContext(
    `(() => { ${bundle}; return slateboardPlugin.default.agents.run })()`,
  )
  const texts = inputs.map((input) => JSON.stringify(input))
  const started = performance.now()
  let items = 0
  while (performance.now() - started < 1000) {
    for (const text of texts) JSON.parse(JSON.stringify(run(JSON.parse(text))))
    items += texts.length
  }
  return (items * 1000) / (performance.now() - started)
}

const reloads = 1000

/** What is garbage and not collected yet is no growth. */
function collect(): void {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
}

/** What host and cells keep of 1,000 versions of a plugin of 70 KB that came and went. */
export async function benchReloads(report: Report): Promise<void> {
  await using host = quiet()
  await host.load('other', makePackage({ id: 'other' }))
  const cycle = async (n: number): Promise<void> => {
    const key = `reloaded@${n}`
    await host.load(key, makePackage({ id: 'reloaded', version: `1.0.${n}`, ballast: 70_000 }))
    await host.react(key, 'run', inputs.slice(0, 1))
    await host.unload(key)
  }
  // V8 takes 15 MB more of heap within the first thousand and keeps it; what leaks grows with the second as well.
  for (let n = 0; n < reloads; n += 1) await cycle(n)
  const measure = async () => {
    collect()
    return { host: await pssMb(process.pid), cells: await cellsMb(host.stats().cells) }
  }
  const before = await measure()
  const started = performance.now()
  for (let n = reloads; n < 2 * reloads; n += 1) await cycle(n)
  const eachMs = (performance.now() - started) / reloads
  const after = await measure()
  const base = { bench: 'plugins', engine: 'no database', reloads }
  report({
    ...base,
    figure: 'reloads.growth',
    value: after.host + after.cells - before.host - before.cells,
    unit: 'MB',
    host: Math.round(after.host - before.host),
    cells: Math.round(after.cells - before.cells),
  })
  report({ ...base, figure: 'reloads.each', value: eachMs, unit: 'ms' })
}

const neighbourSeconds = 8

/** How long one call of a healthy plugin takes while eight others hang in every call and one eats memory. */
export async function benchNeighbours(report: Report): Promise<void> {
  await using host = quiet()
  const bad = [
    ...Array.from({ length: 8 }, (_, n): Make => ({ id: `hanging-${n}`, handler: 'hang' })),
    { id: 'eating', handler: 'eat' } as const,
  ]
  const healthy = Array.from({ length: 8 }, (_, n) => `healthy-${n}`)
  await loadAll(host, [...bad, ...healthy.map((id) => ({ id }))])
  const calm = await healthyTimes(host, healthy, 2)
  const end = performance.now() + (neighbourSeconds + 1) * 1000
  const pester = async (id: string): Promise<void> => {
    while (performance.now() < end) await host.react(id, 'run', inputs.slice(0, 5))
  }
  const pestering = Promise.all(bad.map(({ id }) => pester(id)))
  const times = await healthyTimes(host, healthy, neighbourSeconds)
  await pestering
  for (const [name, q] of [
    ['p50', 0.5],
    ['p99', 0.99],
  ] as const) {
    report({
      bench: 'plugins',
      figure: `badNeighbours.${name}`,
      value: quantile(times, q),
      unit: 'ms',
      engine: 'no database',
      hanging: 8,
      eating: 1,
      samples: times.length,
      baseline: 'without them',
      ratio: quantile(times, q) / quantile(calm, q),
    })
  }
}

/** Call times in ms: each healthy plugin is called 25 times a second, whatever became of its last call. */
async function healthyTimes(
  host: PluginHost,
  healthy: readonly string[],
  seconds: number,
): Promise<number[]> {
  const times: number[] = []
  const pending: Promise<void>[] = []
  const call = async (id: string): Promise<void> => {
    const started = performance.now()
    const outcomes = await host.react(id, 'run', inputs.slice(0, 5))
    if (outcomes.every(({ ok }) => ok)) times.push(performance.now() - started)
  }
  for (let round = 0; round < seconds * 25; round += 1) {
    for (const id of healthy) pending.push(call(id))
    await new Promise((resolve) => setTimeout(resolve, 40))
  }
  await Promise.all(pending)
  const lost = pending.length - times.length
  if (lost > 0) throw new TypeError(`${lost} calls of healthy plugins failed`)
  return times
}
