import { setTimeout as pause } from 'node:timers/promises'
import { fail, SlateboardError } from '../../errors.ts'
import type { Batch, BatchResult, CellStats, HostCalls, Program } from '../engine.ts'
import { Life, type LifeLimits } from './life.ts'

export type SlotLog = (level: 'info' | 'warn' | 'error', message: string) => void

/** A cell that lived shorter than this is started again only after a pause that doubles each time. */
const shortLifeMs = 1000
const pauseMsMax = 5000
const startsMax = 3

/** A place that always has a living cell: when one ends, the next is started and given the same plugins. */
export class Slot implements AsyncDisposable {
  readonly #cell: number
  readonly #limits: LifeLimits
  readonly #log: SlotLog
  readonly #programs = new Map<string, Program>()
  /** Per plugin the end of its queue: an isolate does one thing at a time, and only then is its clock fair. */
  readonly #tails = new Map<string, Promise<unknown>>()
  #life: Promise<Life>
  #current: Life | undefined
  #restarts = 0
  #shortLives = 0
  #closed = false

  constructor(cell: number, limits: LifeLimits, log: SlotLog) {
    this.#cell = cell
    this.#limits = limits
    this.#log = log
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

  run(key: string, batch: Batch, calls?: HostCalls): Promise<BatchResult> {
    const turn = (this.#tails.get(key) ?? Promise.resolve()).then(() =>
      this.#run(key, batch, calls),
    )
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
      cell: this.#cell,
      pid: this.#current?.pid,
      residentBytes: this.#current?.residentBytes ?? 0,
      plugins: this.#programs.size,
      restarts: this.#restarts,
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    const life = await this.#life.catch(() => undefined)
    life?.kill('the host was closed')
    await life?.ended
  }

  async #run(key: string, batch: Batch, calls?: HostCalls): Promise<BatchResult> {
    try {
      const life = await this.#living()
      const program = this.#programs.get(key)
      if (program !== undefined) await life.load(key, program)
      return await life.run(key, batch, calls)
    } catch (thrown) {
      const lost = thrown instanceof Error ? thrown.message.slice(0, 300) : 'the cell did not start'
      return { outcomes: batch.items.map(() => ({ lost })), logs: [] }
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
      const life = new Life(this.#limits)
      if (await life.ready) {
        this.#settle(life)
        return life
      }
      reason = await life.ended
      this.#log('error', `cell ${this.#cell} did not start: ${reason}`)
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
        this.#log('error', `cell ${this.#cell} did not get ${program.id} back: ${reason}`)
      })
    }
  }
  #replace(reason: string, livedMs: number): void {
    this.#current = undefined
    if (this.#closed) return
    this.#restarts += 1
    this.#shortLives = livedMs < shortLifeMs ? this.#shortLives + 1 : 0
    this.#log('warn', `cell ${this.#cell} ended (${reason}); starting the next`)
    const waitMs = this.#shortLives === 0 ? 0 : Math.min(pauseMsMax, 25 * 2 ** this.#shortLives)
    this.#life = this.#begin(waitMs)
    // Who calls next learns of a failure and tries again.
    this.#life.catch(() => undefined)
  }
}
