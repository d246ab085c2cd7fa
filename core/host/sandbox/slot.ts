import { setTimeout as pause } from 'node:timers/promises'
import { fail, SlateboardError } from '../../errors.ts'
import type { Tier } from '../../model/manifest.ts'
import type { Batch, BatchResult, CellStats, Program } from '../engine.ts'
import { Life, type LifeLimits } from './life.ts'
import type { CellStart } from './spawn.ts'

export type SlotLog = (level: 'info' | 'warn' | 'error', message: string) => void

/** A cell that lived shorter than this is started again only after a pause that doubles each time. */
const shortLifeMs = 1000
const pauseMsMax = 5000
const startsMax = 3

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
}

/** A place that always has a living cell: when one ends, the next is started and given the same plugins. */
export class Slot implements AsyncDisposable {
  readonly #options: SlotOptions
  readonly #programs = new Map<string, Program>()
  /** Per plugin the end of its queue: an isolate does one thing at a time, and only then is its clock fair. */
  readonly #tails = new Map<string, Promise<unknown>>()
  #life: Promise<Life>
  #current: Life | undefined
  #restarts = 0
  #shortLives = 0
  #closed = false

  constructor(options: SlotOptions) {
    this.#options = options
    this.#life = this.#begin(0)
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

  run(key: string, batch: Batch): Promise<BatchResult> {
    const turn = (this.#tails.get(key) ?? Promise.resolve()).then(() => this.#run(key, batch))
    this.#tails.set(key, turn)
    return turn
  }

  async unload(key: string): Promise<void> {
    this.#programs.delete(key)
    this.#tails.delete(key)
    const life = await this.#living().catch(() => undefined)
    life?.unload(key)
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
      recycles: 0,
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    const life = await this.#life.catch(() => undefined)
    life?.kill('the host was closed')
    await life?.ended
  }

  async #run(key: string, batch: Batch): Promise<BatchResult> {
    try {
      const life = await this.#living()
      const program = this.#programs.get(key)
      if (program !== undefined) await life.load(key, program)
      return await life.run(key, batch)
    } catch (thrown) {
      const lost = thrown instanceof Error ? thrown.message.slice(0, 300) : 'the cell did not start'
      return { outcomes: batch.items.map(() => ({ lost })), logs: [], cpuUs: 0 }
    }
  }

  /** The living cell; when the last attempts to start one failed, this call makes a new attempt. */
  #living(): Promise<Life> {
    const life = this.#life
    return life.catch(() => {
      if (this.#life === life) this.#life = this.#begin(0)
      return this.#life
    })
  }

  async #begin(waitMs: number): Promise<Life> {
    let reason = 'the host is closed'
    await pause(waitMs)
    for (let attempt = 0; attempt < startsMax && !this.#closed; attempt += 1) {
      const life = new Life(this.#options.limits, this.#options.start())
      if (await life.ready) {
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
    void life.ended.then((reason) => this.#replace(reason, performance.now() - startedAt))
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
