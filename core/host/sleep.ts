/** An engine whose plugins sleep while nobody calls them: an isolate costs 1.2 MB idle and 2 to 4 ms to load. */
import type { BatchResult, CellStats, Engine, Program } from './engine.ts'

export interface SleepOptions {
  /** A plugin that was not called for this long is unloaded until the next call; default 10 minutes. */
  idleMs?: number
  /** Plugins that are awake at most; who was called longest ago goes first. Default 200. */
  awakeMax?: number
}

export interface SleepingEngine extends Engine {
  /** Takes a plugin that is known to load, and loads it when it is first called. */
  admit(key: string, program: Program): void
  isAsleep(key: string): boolean
  /** Unloads what has been idle; happens by itself as well. */
  settle(): void
}

interface Sleeper {
  program: Program
  /** Loaded, or being loaded; undefined while it sleeps. */
  awake: Promise<void> | undefined
  /** The last unloading; the next load waits for it. */
  leaving: Promise<void>
  underWay: number
  usedAt: number
}

/**
 * Nothing is lost by sleep: what a handler must remember stands in the blackboard. Only a plugin without a call
 * under way is unloaded.
 */
export class SleepyEngine implements SleepingEngine {
  readonly #engine: Engine
  readonly #idleMs: number
  readonly #awakeMax: number
  readonly #now: () => number
  readonly #sleepers = new Map<string, Sleeper>()
  readonly #timer: NodeJS.Timeout

  constructor(
    engine: Engine,
    { idleMs = 600_000, awakeMax = 200 }: SleepOptions,
    now: () => number,
  ) {
    this.#engine = engine
    this.#idleMs = idleMs
    this.#awakeMax = awakeMax
    this.#now = now
    this.#timer = setInterval(() => this.settle(), Math.max(idleMs / 4, 50)).unref()
  }

  async load(key: string, program: Program): Promise<void> {
    await this.#engine.load(key, program)
    this.admit(key, program)
    const sleeper = this.#sleepers.get(key)
    if (sleeper) sleeper.awake = Promise.resolve()
    this.#makeRoom()
  }

  prepare(program: Program): void {
    this.#engine.prepare(program)
  }

  admit(key: string, program: Program): void {
    this.#engine.prepare(program)
    const leaving = this.#sleepers.get(key)?.leaving ?? Promise.resolve()
    this.#sleepers.set(key, {
      program,
      awake: undefined,
      leaving,
      underWay: 0,
      usedAt: this.#now(),
    })
  }

  isAsleep(key: string): boolean {
    const sleeper = this.#sleepers.get(key)
    return sleeper !== undefined && sleeper.awake === undefined
  }

  async run(...[key, batch, calls]: Parameters<Engine['run']>): Promise<BatchResult> {
    const sleeper = this.#sleepers.get(key)
    if (sleeper === undefined) return await this.#engine.run(key, batch, calls)
    sleeper.underWay += 1
    sleeper.usedAt = this.#now()
    try {
      await this.#wake(key, sleeper)
      return await this.#engine.run(key, batch, calls)
    } catch (thrown) {
      const lost = thrown instanceof Error ? thrown.message.slice(0, 300) : 'it did not wake'
      return { outcomes: batch.items.map(() => ({ lost })), logs: [], cpuUs: 0 }
    } finally {
      sleeper.underWay -= 1
      sleeper.usedAt = this.#now()
    }
  }

  async unload(key: string): Promise<void> {
    const sleeper = this.#sleepers.get(key)
    this.#sleepers.delete(key)
    if (sleeper === undefined) return await this.#engine.unload(key)
    await sleeper.leaving
    // What is about to wake is let in first, and then out again.
    const isIn = await sleeper.awake?.then(
      () => true,
      () => false,
    )
    if (isIn) await this.#engine.unload(key)
  }

  settle(): void {
    const before = this.#now() - this.#idleMs
    for (const [key, sleeper] of this.#idle())
      if (sleeper.usedAt <= before) this.#rest(key, sleeper)
  }

  stats(): CellStats[] {
    return this.#engine.stats()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
    await this.#engine[Symbol.asyncDispose]()
  }

  #wake(key: string, sleeper: Sleeper): Promise<void> {
    if (sleeper.awake) return sleeper.awake
    const awake = sleeper.leaving.then(() => this.#engine.load(key, sleeper.program))
    sleeper.awake = awake
    awake.catch(() => {
      // The next call tries again.
      sleeper.awake = undefined
    })
    this.#makeRoom()
    return awake
  }

  /** Those awake with nothing under way, who was used longest ago first. */
  #idle(): [string, Sleeper][] {
    return [...this.#sleepers]
      .filter(([, { awake, underWay }]) => awake !== undefined && underWay === 0)
      .toSorted(([, left], [, right]) => left.usedAt - right.usedAt)
  }

  #makeRoom(): void {
    const awake = [...this.#sleepers.values()].filter((sleeper) => sleeper.awake !== undefined)
    const surplus = awake.length - this.#awakeMax
    if (surplus <= 0) return
    for (const [key, sleeper] of this.#idle().slice(0, surplus)) this.#rest(key, sleeper)
  }

  #rest(key: string, sleeper: Sleeper): void {
    sleeper.awake = undefined
    // A cell that could not be told has ended, and its successor does not know the plugin.
    sleeper.leaving = this.#engine.unload(key).catch(() => undefined)
  }
}
