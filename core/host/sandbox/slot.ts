import { constants, setPriority } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { fail, SlateboardError } from '../../errors.ts'
import type { Tier } from '../../model/manifest.ts'
import type { Batch, BatchResult, CellStats, HostCalls, Program } from '../engine.ts'
import { Life, type LifeLimits } from './life.ts'
import type { CellStart } from './spawn.ts'

export type SlotLog = (level: 'info' | 'warn' | 'error', message: string) => void

/** A cell that lived shorter than this is started again only after a pause that doubles each time. */
const shortLifeMs = 1000
const pauseMsMax = 5000
const startsMax = 3
const growthPollMs = 250
/** Plugins that need the memory would otherwise have their cell replaced without end. */
const recycleMsMin = 10_000

export interface SlotOptions {
  /** Its number, for the log. */
  cell: number
  tier: Tier
  limits: LifeLimits
  log: SlotLog
  /** Asked at each start. */
  start: () => CellStart
  /** Called when what confines plugins does not load on this machine; true when `start` has another. */
  onUnloadable?: (reason: string) => boolean
  /** Resident memory at which a fresh cell takes over; absent: never. */
  recycleBytes?: number
  /** Lowers the priority of its processes, so that what runs in them yields to others. */
  isNice?: boolean
}

/**
 * A place that has a living cell from its first plugin on: when one ends, the next is started and given the same
 * plugins.
 */
export class Slot implements AsyncDisposable {
  readonly #options: SlotOptions
  readonly #programs = new Map<string, Program>()
  /** Per plugin the end of its queue: an isolate does one thing at a time, and only then is its clock fair. */
  readonly #tails = new Map<string, Promise<unknown>>()
  /** Undefined before the first plugin comes: a process that nobody needs costs 60 MB and 0.5 s of a processor. */
  #life: Promise<Life> | undefined
  #current: Life | undefined
  #restarts = 0
  #shortLives = 0
  #closed = false
  #recycles = 0
  #recycledAt = Number.NEGATIVE_INFINITY
  /** Runs under way in each life: one that was replaced ends with its last. */
  readonly #underWay = new Map<Life, number>()
  readonly #leaving = new Set<Life>()
  readonly #growth: NodeJS.Timeout

  constructor(options: SlotOptions) {
    this.#options = options
    this.#growth = setInterval(() => this.#watchGrowth(), growthPollMs).unref()
  }

  /** Starts the cell ahead of its first plugin. */
  prepare(): void {
    // Who loads learns of a failure and tries again.
    this.#living().catch(() => undefined)
  }

  async load(key: string, program: Program): Promise<void> {
    try {
      await (await this.#living()).load(key, program)
    } catch (thrown) {
      // Another plugin may have taken the cell down meanwhile: that is not this one's fault.
      if (!(thrown instanceof SlateboardError) || thrown.code !== 'cell_lost') throw thrown
      await (await this.#living()).load(key, program)
    }
    this.#programs.set(key, program)
  }

  run(key: string, batch: Batch, calls?: HostCalls): Promise<BatchResult> {
    const turn = (this.#tails.get(key) ?? Promise.resolve()).then(() =>
      this.#run(key, batch, calls),
    )
    this.#tails.set(key, turn)
    return turn
  }

  /** Resolves when no batch of the plugin waits or runs here. */
  async idle(key: string): Promise<void> {
    await this.#tails.get(key)
  }

  async unload(key: string): Promise<void> {
    this.#programs.delete(key)
    this.#tails.delete(key)
    const life = await this.#life?.catch(() => undefined)
    for (const each of [life, ...this.#leaving]) each?.unload(key)
  }

  stats(): CellStats {
    return {
      cell: this.#options.cell,
      tier: this.#options.tier,
      backend: this.#options.start().backend,
      pid: this.#current?.pid,
      residentBytes: this.#current?.residentBytes ?? 0,
      plugins: this.#programs.size,
      restarts: this.#restarts,
      recycles: this.#recycles,
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    clearInterval(this.#growth)
    const current = await this.#life?.catch(() => undefined)
    for (const life of [current, ...this.#leaving]) {
      life?.kill('the host was closed')
      await life?.ended
    }
  }

  async #run(key: string, batch: Batch, calls?: HostCalls): Promise<BatchResult> {
    try {
      const life = await this.#living()
      const program = this.#programs.get(key)
      this.#underWay.set(life, (this.#underWay.get(life) ?? 0) + 1)
      try {
        if (program !== undefined) await life.load(key, program)
        return await life.run(key, batch, calls)
      } finally {
        this.#underWay.set(life, (this.#underWay.get(life) ?? 1) - 1)
        this.#endIfLeft(life)
      }
    } catch (thrown) {
      const lost = thrown instanceof Error ? thrown.message.slice(0, 300) : 'the cell did not start'
      return { outcomes: batch.items.map(() => ({ lost })), logs: [], cpuUs: 0 }
    }
  }

  #watchGrowth(): void {
    const { recycleBytes, cell, log } = this.#options
    const life = this.#current
    const isGrown = recycleBytes !== undefined && (life?.residentBytes ?? 0) > recycleBytes
    const now = performance.now()
    if (!isGrown || life === undefined || this.#closed || now - this.#recycledAt < recycleMsMin)
      return
    this.#recycledAt = now
    this.#recycle(life).catch((thrown: unknown) => {
      const reason = thrown instanceof Error ? thrown.message : 'unknown'
      log('warn', `cell ${cell} has grown and could not be replaced: ${reason}`)
    })
  }

  /**
   * A fresh cell gets the plugins, then the next batches; the old one finishes those under way. Runs of one
   * plugin stay in order, since its queue is the slot's.
   */
  async #recycle(old: Life): Promise<void> {
    const { cell, log, limits, start } = this.#options
    const fresh = new Life(limits, start())
    if (!(await fresh.ready)) throw fail('sandbox_unavailable', { reason: await fresh.ended })
    this.#yieldTo(fresh)
    const loads = [...this.#programs].map(([key, program]) => fresh.load(key, program))
    await Promise.allSettled(loads)
    // It may have died meanwhile, and then its successor is fresh as well.
    if (this.#current !== old || this.#closed) return fresh.kill('it is not needed')
    const mb = Math.round(old.residentBytes / 1_048_576)
    log('info', `cell ${cell} had grown to ${mb} MB; a fresh one took over`)
    this.#recycles += 1
    this.#leaving.add(old)
    this.#life = Promise.resolve(fresh)
    this.#settle(fresh)
    this.#endIfLeft(old)
  }

  #endIfLeft(life: Life): void {
    if ((this.#underWay.get(life) ?? 0) > 0) return
    this.#underWay.delete(life)
    if (this.#leaving.has(life)) life.kill('a fresh one took over')
  }

  #yieldTo({ pid }: Life): void {
    if (!this.#options.isNice || pid === undefined) return
    try {
      setPriority(pid, constants.priority.PRIORITY_LOW)
    } catch {
      // It has just ended, or this platform keeps its own counsel about priorities; it runs all the same.
    }
  }

  /** The living cell; where there is none yet or the last attempts to start one failed, this call starts one. */
  #living(): Promise<Life> {
    const life = this.#life ?? this.#renew()
    return life.catch(() => {
      const next = this.#life
      return next === undefined || next === life ? this.#renew() : next
    })
  }

  #renew(): Promise<Life> {
    this.#life = this.#begin(0)
    return this.#life
  }

  async #begin(waitMs: number): Promise<Life> {
    let reason = 'the host is closed'
    await pause(waitMs)
    for (let attempt = 0; attempt < startsMax && !this.#closed; attempt += 1) {
      const life = new Life(this.#options.limits, this.#options.start())
      if (await life.ready) {
        this.#yieldTo(life)
        this.#settle(life)
        return life
      }
      reason = await life.ended
      if (life.endedBy === 'unloadable' && this.#options.onUnloadable?.(reason)) continue
      this.#options.log('error', `cell ${this.#options.cell} did not start: ${reason}`)
      await pause(50 * 4 ** attempt)
    }
    throw fail('sandbox_unavailable', { reason })
  }

  #settle(life: Life): void {
    const startedAt = performance.now()
    this.#current = life
    void life.ended.then((reason) => {
      this.#underWay.delete(life)
      const isReplaced = this.#leaving.delete(life)
      return isReplaced ? undefined : this.#replace(reason, performance.now() - startedAt)
    })
    for (const [key, program] of this.#programs) {
      life.load(key, program).catch((thrown: unknown) => {
        const reason = thrown instanceof Error ? thrown.message : 'unknown'
        this.#options.log(
          'error',
          `cell ${this.#options.cell} did not get ${program.id} back: ${reason}`,
        )
      })
    }
  }
  #replace(reason: string, livedMs: number): void {
    this.#current = undefined
    if (this.#closed) return
    this.#restarts += 1
    this.#shortLives = livedMs < shortLifeMs ? this.#shortLives + 1 : 0
    this.#options.log('warn', `cell ${this.#options.cell} ended (${reason}); starting the next`)
    const waitMs = this.#shortLives === 0 ? 0 : Math.min(pauseMsMax, 25 * 2 ** this.#shortLives)
    this.#life = this.#begin(waitMs)
    // Who calls next learns of a failure and tries again.
    this.#life.catch(() => undefined)
  }
}
