import { setTimeout as pause } from 'node:timers/promises'
import { openSlateboard } from '../../../core/open.ts'
import { connect } from '../../../blackboard/connect.ts'
import { openBench, source, trackOf, type Bench } from '../bench.ts'
import { quantile, type Report } from '../figure.ts'
import { pluginCount } from './cells.ts'
import { cellsMb } from './memory.ts'
import { makePackage } from './package.ts'

/** How long a node that starts takes until 118 stored plugins are ready, and what their cells then hold. */
export async function benchStart(report: Report): Promise<void> {
  await using bench = await openBench({ works: false })
  const { app, engine } = bench
  for (let n = 0; n < pluginCount; n += 1) {
    await app.registry.install(app.workspaceId, makePackage({ id: `start-${n}` }), 'bench')
  }
  const { log } = app.board
  await using db = await connect({ databaseUrl: bench.url, dataDir: '', log })
  const bare = performance.now()
  const rows = await db.sql`select bundle, manifest from plugin_version`
  const bareMs = performance.now() - bare
  const started = performance.now()
  await using node = await openSlateboard({
    db,
    log,
    masterKey: bench.masterKey,
    channels: { webhook: { allowPrivate: true }, email: { smtpUrl: null, from: 'b@example.org' } },
    works: false,
  })
  const seconds = (performance.now() - started) / 1000
  if (node.registry.all().length !== pluginCount) throw new TypeError('not all plugins are ready')
  const base = { bench: 'plugins', engine, plugins: pluginCount }
  report({
    ...base,
    figure: 'loaded',
    value: seconds,
    unit: 's',
    baseline: `reading ${rows.length} packages`,
    ratio: (seconds * 1000) / bareMs,
  })
  await pause(2000)
  report({
    ...base,
    figure: 'cellsIdle',
    value: await cellsMb(node.host.stats().cells),
    unit: 'MB',
  })
}

const upgrades = 300
const eventsPerSecond = 200
const people = 500

/** Sends events at a steady rate until told to stop. */
class Feed {
  sent = 0
  readonly #bench: Bench
  readonly #stop = new AbortController()
  readonly #pending: Promise<unknown>[] = []
  readonly #running: Promise<void>

  constructor(bench: Bench) {
    this.#bench = bench
    this.#running = this.#run()
  }

  async end(): Promise<number> {
    this.#stop.abort()
    await this.#running
    await Promise.all(this.#pending)
    return this.sent
  }

  async #run(): Promise<void> {
    const { app } = this.#bench
    const started = performance.now()
    while (!this.#stop.signal.aborted) {
      const due = started + (this.sent * 1000) / eventsPerSecond
      const wait = due - performance.now()
      if (wait > 0) await pause(wait)
      const event = trackOf(app, `u${this.sent % people}`, 'Step', this.sent)
      this.#pending.push(app.intake.submit(source, [event]))
      this.sent += 1
    }
  }
}

/** Sum over all profiles of what the counting plugin counted. */
async function counted({ app }: Bench, trait: string): Promise<number> {
  const [row] = await app.board.db.sql<{ n: number }[]>`
    select coalesce(sum((traits ->> ${trait})::int), 0)::int as n from profile`
  return row?.n ?? 0
}

/** Resolves when the agenda is empty: what a kill had try again later is no loss. */
async function emptied({ app }: Bench): Promise<void> {
  for (;;) {
    await app.flow?.worker.idle()
    const [row] = await app.board.db.sql`select 1 from agenda limit 1`
    if (!row) return
    await pause(20)
  }
}

/** Milliseconds from an event's commit to the commit of the reaction to it, as signals tell them. */
function watchLatency({ app }: Bench): { times: number[]; stop: () => void } {
  const woken = new Map<string, number>()
  const times: number[] = []
  const stop = app.board.signals.onProfileChanged((_, ids) => {
    const at = performance.now()
    for (const id of ids) {
      const since = woken.get(id)
      if (since === undefined) woken.set(id, at)
      else {
        times.push(at - since)
        woken.delete(id)
      }
    }
  })
  return { times, stop }
}

/** 300 upgrades while events flow: reactions lost or doubled, and how long a reaction took meanwhile. */
export async function benchUpgrades(report: Report): Promise<void> {
  await using bench = await openBench()
  const { app, engine } = bench
  const install = (n: number): Promise<void> =>
    app.registry.install(
      app.workspaceId,
      makePackage({ id: 'upgraded', version: `1.0.${n}` }),
      'bench',
    )
  await install(0)
  const calm = await latencyWhile(bench, () => pause(5000))
  const started = performance.now()
  const during = await latencyWhile(bench, async () => {
    for (let n = 1; n <= upgrades; n += 1) await install(n)
  })
  const seconds = (performance.now() - started) / 1000
  await emptied(bench)
  const sent = calm.sent + during.sent
  const difference = (await counted(bench, 'upgraded')) - sent
  const base = { bench: 'plugins', engine, upgrades, eventsPerSecond }
  report({
    ...base,
    figure: 'upgrades.lostOrDoubled',
    value: Math.abs(difference),
    unit: 'reactions',
    events: sent,
    seconds: Math.round(seconds),
  })
  for (const [name, q] of [
    ['p50', 0.5],
    ['p99', 0.99],
  ] as const) {
    report({
      ...base,
      figure: `upgrades.latency.${name}`,
      value: quantile(during.times, q),
      unit: 'ms',
      samples: during.times.length,
      baseline: 'without upgrades',
      ratio: quantile(during.times, q) / quantile(calm.times, q),
    })
  }
}

async function latencyWhile(
  bench: Bench,
  work: () => Promise<unknown>,
): Promise<{ times: number[]; sent: number }> {
  const watch = watchLatency(bench)
  const feed = new Feed(bench)
  await work()
  const sent = await feed.end()
  await bench.app.flow?.worker.idle()
  watch.stop()
  return { times: watch.times, sent }
}

const kills = 20

/** A plugin's cell is killed while events flow: reactions lost or doubled, and until when none was committed. */
export async function benchKill(report: Report): Promise<void> {
  await using bench = await openBench()
  const { app, engine } = bench
  await app.registry.install(app.workspaceId, makePackage({ id: 'killed' }), 'bench')
  const feed = new Feed(bench)
  const gaps: number[] = []
  for (let n = 0; n < kills; n += 1) {
    // Longer than what counts as a short life, after which a cell is held back before it starts again.
    await pause(1500)
    const committed = Promise.withResolvers<void>()
    const before = app.flow?.worker.counts.committed ?? 0
    const home = app.host.stats().cells.find(({ plugins }) => plugins > 0)
    if (home?.pid === undefined) throw new TypeError('the plugin has no cell')
    process.kill(home.pid, 'SIGKILL')
    const at = performance.now()
    const stop = app.board.signals.onProfileChanged(() => {
      if ((app.flow?.worker.counts.committed ?? 0) > before) committed.resolve()
    })
    await committed.promise
    gaps.push(performance.now() - at)
    stop()
  }
  const sent = await feed.end()
  await emptied(bench)
  const difference = (await counted(bench, 'killed')) - sent
  const base = { bench: 'plugins', engine, kills, eventsPerSecond }
  report({
    ...base,
    figure: 'kill.lostOrDoubled',
    value: Math.abs(difference),
    unit: 'reactions',
    events: sent,
  })
  report({ ...base, figure: 'kill.runsAgain.p50', value: quantile(gaps, 0.5), unit: 'ms' })
  report({ ...base, figure: 'kill.runsAgain.max', value: Math.max(...gaps), unit: 'ms' })
}
