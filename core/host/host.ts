import type { Clock } from '../clock.ts'
import { fail, type ErrorCode, type ErrorValues } from '../errors.ts'
import type { AgentManifest, PerformerManifest, Tier } from '../model/manifest.ts'
import type { TaskOutcome } from '../model/task.ts'
import type { ReactInput, TaskInput } from './contract.ts'
import {
  migrateAgent,
  performerAgent,
  type CellStats,
  type HostCalls,
  type RawLog,
} from './engine.ts'
import { frameCharsMax, placed, split } from './frames.ts'
import { asLoaded, programOf, type Loaded, type PluginStats } from './loaded.ts'
import { judge, tooLarge } from './judge.ts'
import { mask } from './mask.ts'
import {
  judgeMigrated,
  migrateItem,
  migrateTimeoutMs,
  type Migrated,
  type OldState,
} from './migrate.ts'
import type { CheckedOutcome, OutcomeCheck } from './outcome.ts'
import type { PluginPackage } from './package.ts'
import { selfTestBatch, selfTestProblem, selfTestRunsMax } from './selfTest.ts'
import { memoryMb } from './sandbox/confined.ts'
import { processHeapMb } from './sandbox/spawn.ts'
import { SleepyEngine, type SleepingEngine, type SleepOptions } from './sleep.ts'
import { checkTaskOutcome } from './taskOutcome.ts'
import { createTiers, type TierOptions, type Tiers } from './tiers.ts'

/** Fit for a log as it is: texts of plugins are masked. */
export interface HostLogEntry {
  at: Date
  level: 'debug' | 'info' | 'warn' | 'error'
  message: string
  /** The key under which the plugin is loaded; absent for what concerns the host itself. */
  plugin?: string
  agent?: string
}

export interface HostOptions extends Omit<TierOptions, 'log'>, SleepOptions {
  clock: Clock
  /** How long what is under way may take to end when its plugin is unloaded; default 5000 ms. */
  drainMs?: number
  log: (entry: HostLogEntry) => void
  /** Told of the processor time of each call. @param key of the plugin */
  spent?: (key: string, agent: string, cpuMs: number) => void
  /** Whether who runs this process vouches for a package as for Slateboard itself; default: for none. */
  isFirstParty?: (pkg: PluginPackage) => boolean
}

/** How one item fared; `fail(code, values)` makes the error of a failure. A retryable failure may go away by itself; the others repeat with the same input. */
export type ItemOutcome = Judged<CheckedOutcome>

export type Judged<Checked> =
  | { ok: true; outcome: Checked }
  | { ok: false; code: ErrorCode; message: string; values: ErrorValues; retryable: boolean }

export interface HostStats {
  cells: CellStats[]
  /** How many of the plugins sleep. */
  sleeping: number
  plugins: PluginStats[]
}

export interface LoadOptions {
  /** For a version that nobody depends on: what it does costs the plugins that work nothing, save some time. */
  isApart?: boolean
}

export interface PluginHost extends AsyncDisposable {
  /**
   * Makes a plugin ready under a key of the caller's choice, such as `churn-risk@1.2.0`. A new version is
   * loaded under a new key beside the old one; the caller switches and then unloads the old.
   * Rejects with `plugin_already_loaded`, `plugin_load_failed` or `sandbox_unavailable`.
   */
  load(key: string, pkg: PluginPackage, how?: LoadOptions): Promise<void>
  /** Like `load`, for what is known to load: it sleeps until its first call. */
  admit(key: string, pkg: PluginPackage): void
  /**
   * Refuses new calls at once and waits for those under way. What is not through after 5 s is refused with
   * `plugin_not_loaded` as well, so that whoever called gives its work back.
   */
  unload(key: string): Promise<void>
  /**
   * Hands inputs to an agent and answers one outcome for each, in order; one item's failure never touches
   * another. What the items call the host for goes to `calls`, with their position in `items`. Rejects only with
   * `plugin_not_loaded`, `agent_unknown` or `host_closed`.
   */
  react(
    key: string,
    agentId: string,
    items: readonly ReactInput[],
    calls?: HostCalls,
  ): Promise<ItemOutcome[]>
  /** Hands a task to a performer; rejects as `react` does. */
  perform(key: string, performerId: string, input: TaskInput): Promise<Judged<TaskOutcome>>
  /** Has the plugin bring state to the version of its manifest; answers for each, and rejects as `react` does. */
  migrate(key: string, states: readonly OldState[]): Promise<Migrated[]>
  /** Has the plugin test itself. Rejects with `plugin_self_test_failed`, and as `react` does. */
  selfTest(key: string): Promise<void>
  stats(): HostStats
}

/** What a plugin may keep in memory. In the tier `trusted` nobody counts. */
const memoryMbOf: Readonly<Record<Tier, number>> = {
  sandbox: memoryMb,
  process: processHeapMb,
  trusted: 0,
}

const drainMsMax = 5000
export function createHost(options: HostOptions): PluginHost {
  const { clock, log } = options
  const tiers = createTiers({
    ...options,
    log: (level, message) => log({ at: clock.now(), level, message }),
  })
  return new Host(tiers, new SleepyEngine(tiers, options, () => performance.now()), options)
}

class Host implements PluginHost {
  readonly #tiers: Pick<Tiers, 'isDegraded'>
  readonly #engine: SleepingEngine
  readonly #options: HostOptions
  readonly #plugins = new Map<string, Loaded>()
  readonly #loading = new Set<string>()
  #closed = false

  constructor(tiers: Tiers, engine: SleepingEngine, options: HostOptions) {
    this.#tiers = tiers
    this.#engine = engine
    this.#options = options
  }

  async load(key: string, pkg: PluginPackage, how: LoadOptions = {}): Promise<void> {
    this.#demandFree(key)
    this.#demandTier(pkg)
    this.#loading.add(key)
    try {
      await this.#engine.load(key, { ...programOf(pkg), ...how })
      this.#plugins.set(key, asLoaded(key, pkg))
    } finally {
      this.#loading.delete(key)
    }
  }

  admit(key: string, pkg: PluginPackage): void {
    this.#demandFree(key)
    this.#demandTier(pkg)
    this.#engine.admit(key, programOf(pkg))
    this.#plugins.set(key, asLoaded(key, pkg))
  }

  async unload(key: string): Promise<void> {
    const plugin = this.#plugins.get(key)
    if (plugin === undefined) throw fail('plugin_not_loaded', { plugin: key })
    this.#plugins.delete(key)
    const deadline = Promise.withResolvers<void>()
    const timer = setTimeout(deadline.resolve, this.#options.drainMs ?? drainMsMax)
    await Promise.race([Promise.allSettled(plugin.underWay), deadline.promise])
    clearTimeout(timer)
    plugin.gone.reject(fail('plugin_not_loaded', { plugin: key }))
    await this.#engine.unload(key)
  }

  async react(
    key: string,
    agentId: string,
    items: readonly ReactInput[],
    calls?: HostCalls,
  ): Promise<ItemOutcome[]> {
    const plugin = this.#of(key)
    const agent = plugin.agents.get(agentId)
    if (agent === undefined) throw fail('agent_unknown', { plugin: key, agent: agentId })
    return this.#keep(plugin, this.#call(key, plugin, agent, items, calls))
  }

  async perform(key: string, performerId: string, input: TaskInput): Promise<Judged<TaskOutcome>> {
    const plugin = this.#of(key)
    const performer = plugin.pkg.manifest.performers.find(({ id }) => id === performerId)
    if (performer === undefined) throw fail('agent_unknown', { plugin: key, agent: performerId })
    return this.#keep(plugin, this.#perform(key, plugin, performer, input))
  }

  async migrate(key: string, states: readonly OldState[]): Promise<Migrated[]> {
    const plugin = this.#of(key)
    return this.#keep(plugin, this.#migrate(key, plugin, states))
  }

  async selfTest(key: string): Promise<void> {
    const plugin = this.#of(key)
    const problem = await this.#keep(plugin, this.#selfTest(key, plugin))
    if (problem === undefined) return
    const { id, version } = plugin.pkg.manifest
    throw fail('plugin_self_test_failed', { plugin: id, version, reason: problem })
  }

  stats(): HostStats {
    const plugins = [...this.#plugins].map(([key, { stats }]) => ({
      ...stats,
      degraded: this.#tiers.isDegraded(key),
      isAsleep: this.#engine.isAsleep(key),
    }))
    const sleeping = plugins.filter(({ isAsleep }) => isAsleep).length
    return { cells: this.#engine.stats(), sleeping, plugins }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    await this.#engine[Symbol.asyncDispose]()
  }

  #of(key: string): Loaded {
    if (this.#closed) throw fail('host_closed')
    const plugin = this.#plugins.get(key)
    if (plugin === undefined) throw fail('plugin_not_loaded', { plugin: key })
    return plugin
  }

  /** So that unloading waits for it. */
  async #keep<T>(plugin: Loaded, call: Promise<T>): Promise<T> {
    plugin.underWay.add(call)
    try {
      return await Promise.race([call, plugin.gone.promise])
    } finally {
      plugin.underWay.delete(call)
    }
  }

  async #migrate(key: string, { pkg }: Loaded, states: readonly OldState[]): Promise<Migrated[]> {
    const texts = states.map(migrateItem)
    const migrated: Migrated[] = []
    for (const positions of split(texts)) {
      const items = positions.map((at) => texts[at] ?? '')
      const batch = { agent: migrateAgent, items, timeoutMs: migrateTimeoutMs }
      const { outcomes } = await this.#engine.run(key, batch)
      for (const [position, at] of positions.entries()) {
        const [given, raw] = [states[at], outcomes[position]]
        if (given && raw) migrated[at] = judgeMigrated(pkg.manifest, given, raw)
      }
    }
    return migrated
  }

  async #perform(
    key: string,
    plugin: Loaded,
    { id: agent, timeoutMs }: PerformerManifest,
    input: TaskInput,
  ): Promise<Judged<TaskOutcome>> {
    const { stats, pkg } = plugin
    const { id, tier } = pkg.manifest
    const who = { plugin: id, agent, memoryMb: memoryMbOf[tier] }
    const text = JSON.stringify(input)
    if (text.length > frameCharsMax) return tooLarge(text.length, frameCharsMax)
    const startedAt = performance.now()
    const batch = { agent: performerAgent(agent), items: [text], timeoutMs }
    const { outcomes, logs, cpuUs } = await this.#engine.run(key, batch)
    const raw = outcomes[0] ?? { unusable: 'it gave no answer' }
    const check = (said: unknown) => checkTaskOutcome(said, { plugin: id, agent })
    const outcome = judge(raw, check, undefined, who, timeoutMs)
    this.#pass(logs, [], plugin, agent)
    stats.cpuMs += cpuUs / 1000
    this.#options.spent?.(key, agent, cpuUs / 1000)
    stats.calls += 1
    stats.items += 1
    stats.failures += outcome.ok ? 0 : 1
    stats.busyMs += performance.now() - startedAt
    return outcome
  }

  async #selfTest(key: string, plugin: Loaded): Promise<string | undefined> {
    let problem: string | undefined
    for (let run = 0; run < selfTestRunsMax; run += 1) {
      const { outcomes, logs } = await this.#engine.run(key, selfTestBatch)
      this.#pass(logs, [], plugin, 'selfTest')
      problem = selfTestProblem(outcomes[0])
      if (outcomes[0] && !('lost' in outcomes[0])) break
    }
    return problem
  }

  #demandTier(pkg: PluginPackage): void {
    const { id, tier } = pkg.manifest
    if (tier === 'trusted' && !this.#options.isFirstParty?.(pkg))
      throw fail('plugin_tier_refused', { plugin: id, tier, digest: pkg.digest })
  }

  #demandFree(key: string): void {
    if (this.#closed) throw fail('host_closed')
    if (this.#plugins.has(key) || this.#loading.has(key))
      throw fail('plugin_already_loaded', { plugin: key })
  }

  async #call(
    key: string,
    plugin: Loaded,
    { manifest, check }: { manifest: AgentManifest; check: OutcomeCheck },
    items: readonly ReactInput[],
    calls: HostCalls | undefined,
  ): Promise<ItemOutcome[]> {
    const startedAt = performance.now()
    const { id, tier } = plugin.pkg.manifest
    const who = { plugin: id, agent: manifest.id, memoryMb: memoryMbOf[tier] }
    const texts = items.map((item) => JSON.stringify(item))
    const outcomes: ItemOutcome[] = []
    for (const [at, { length }] of texts.entries()) {
      if (length > frameCharsMax) outcomes[at] = tooLarge(length, frameCharsMax)
    }
    const runs = split(texts).map(async (positions) => {
      const batch = positions.map((at) => texts[at] ?? '')
      const { timeoutMs, waitMs } = manifest
      const result = await this.#engine.run(
        key,
        { agent: manifest.id, items: batch, timeoutMs, waitMs },
        calls && placed(calls, positions),
      )
      plugin.stats.cpuMs += result.cpuUs / 1000
      this.#options.spent?.(key, manifest.id, result.cpuUs / 1000)
      const inputs = positions.map((at) => items[at])
      for (const [position, raw] of result.outcomes.entries()) {
        const outcome = judge(raw, check, inputs[position], who, timeoutMs)
        outcomes[positions[position] ?? 0] = outcome
        if (!outcome.ok) plugin.stats.failures += 1
      }
      this.#pass(result.logs, inputs, plugin, manifest.id)
    })
    await Promise.all(runs)
    plugin.stats.calls += 1
    plugin.stats.items += items.length
    plugin.stats.busyMs += performance.now() - startedAt
    return outcomes
  }

  /** Passes a plugin's own log lines on, as many as it may write. */
  #pass(logs: RawLog[], inputs: (ReactInput | undefined)[], from: Loaded, agent: string): void {
    const plugin = from.stats.key
    for (const { item, level, message } of logs) {
      const line = mask(message, inputs[item])
      const { fits, dropped } = from.budget.admit(line, performance.now())
      const at = this.#options.clock.now()
      if (dropped > 0) {
        const told = `${dropped} lines of it were dropped: it may write 5 MB a minute`
        this.#options.log({ at, level: 'warn', message: told, plugin })
      }
      if (fits) this.#options.log({ at, level, message: line, plugin, agent })
    }
  }
}
