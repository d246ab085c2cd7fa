import { createHash } from 'node:crypto'
import { fail } from '../../errors.ts'
import type { Batch, BatchResult, CellStats, Engine, HostCalls, Program } from '../engine.ts'
import { Slot, type SlotLog } from './slot.ts'
import { findAddon, type CellStart } from './spawn.ts'
import { Strikes } from './strikes.ts'

export interface SandboxOptions {
  /** Child processes that share the plugins; default 2. */
  cells?: number
  /** Resident memory at which a cell is killed; default 512 MB. */
  cellMemoryBytesMax?: number
  /** Resident memory at which a cell makes room for a fresh one; default 400 MB. */
  cellRecycleBytes?: number
  /** See `LifeLimits`; default 1000 ms. */
  wallSlackMs?: number
  /** What confines plugins; default isolated-vm, or QuickJS where that does not load. */
  backend?: 'isolate' | 'quickjs'
  /** The file of isolated-vm; default the one that fits this machine. */
  addon?: string
  log: SlotLog
}

/**
 * The default tier: an isolate for each plugin, several isolates in each cell process. Measured against
 * a process for each plugin: 1.2 MB instead of 9 MB when idle, and two thirds of the throughput.
 */
export function createSandbox(options: SandboxOptions): Engine {
  const limits = {
    memoryBytesMax: options.cellMemoryBytesMax ?? 536_870_912,
    wallSlackMs: options.wallSlackMs ?? 1000,
  }
  const { log, cells = 2, cellRecycleBytes: recycleBytes = 419_430_400 } = options
  const backend = chooseBackend(options)
  const open = (cell: number, isNice: boolean) =>
    new Slot({ cell, tier: 'sandbox', limits, log, recycleBytes, isNice, ...backend })
  const slots = Array.from({ length: cells }, (_, cell) => open(cell, false))
  return new Sandbox(
    slots,
    { quarantine: () => open(cells, true), apart: () => open(cells + 1, true) },
    log,
  )
}

interface Home {
  program: Program
  /** Where it belongs by its id. */
  slot: Slot
  /** Where its next batch runs. */
  at: Slot
  /** Under way from one to the other; batches wait for it. */
  moving: Promise<void>
}

/** Cells that are started when they are first needed. */
interface Spare {
  quarantine: () => Slot
  apart: () => Slot
}

/**
 * Plugins by cells. One that hung or ran out of memory several times runs in the quarantine cell, of low
 * priority and started when first needed, until it has been good for ten minutes: neither its loops nor
 * the end of its cell touch others then. One that is only looked at has a cell that lives no longer than that.
 */
class Sandbox implements Engine {
  readonly #slots: readonly Slot[]
  readonly #spare: Spare
  readonly #log: SlotLog
  readonly #homes = new Map<string, Home>()
  readonly #strikes = new Strikes(() => performance.now())
  #quarantine: Slot | undefined
  #apart: { slot: Slot; plugins: number } | undefined

  constructor(slots: readonly Slot[], spare: Spare, log: SlotLog) {
    this.#slots = slots
    this.#spare = spare
    this.#log = log
  }

  prepare(program: Program): void {
    this.#slotOf(program)?.prepare()
  }

  async load(key: string, program: Program): Promise<void> {
    const slot = program.isApart ? this.#enterApart() : this.#slotOf(program)
    if (slot === undefined) throw fail('sandbox_unavailable', { reason: 'it has no cells' })
    try {
      await slot.load(key, program)
    } catch (thrown) {
      if (program.isApart) await this.#leaveApart()
      throw thrown
    }
    this.#homes.set(key, { program, slot, at: slot, moving: Promise.resolve() })
  }

  async run(key: string, batch: Batch, calls?: HostCalls): Promise<BatchResult> {
    const home = this.#homeOf(key)
    home.moving = home.moving.then(() => this.#place(key, home))
    await home.moving
    const result = await home.at.run(key, batch, calls)
    this.#strikes.note(key, result)
    return result
  }

  async unload(key: string): Promise<void> {
    const home = this.#homeOf(key)
    this.#homes.delete(key)
    this.#strikes.forget(key)
    await home.at.unload(key)
    if (home.program.isApart) await this.#leaveApart()
  }

  stats(): CellStats[] {
    return this.#all().map((slot) => slot.stats())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#all().map((slot) => slot[Symbol.asyncDispose]()))
  }

  #enterApart(): Slot {
    this.#apart ??= { slot: this.#spare.apart(), plugins: 0 }
    this.#apart.plugins += 1
    return this.#apart.slot
  }

  async #leaveApart(): Promise<void> {
    const apart = this.#apart
    if (apart === undefined) return
    apart.plugins -= 1
    if (apart.plugins > 0) return
    this.#apart = undefined
    await apart.slot[Symbol.asyncDispose]()
  }

  /** Between two batches: what is under way in the old place is finished there. */
  async #place(key: string, home: Home): Promise<void> {
    if (home.program.isApart) return
    const isSuspect = this.#strikes.isSuspect(key)
    if (isSuspect === (home.at !== home.slot)) return
    const from = home.at
    const to = isSuspect ? (this.#quarantine ??= this.#spare.quarantine()) : home.slot
    home.at = to
    try {
      await to.load(key, home.program)
    } catch (thrown) {
      // It runs where it is; the next batch tries again.
      home.at = from
      const reason = thrown instanceof Error ? thrown.message : 'unknown'
      return this.#log('warn', `${home.program.id} could not be moved: ${reason}`)
    }
    this.#log(
      'warn',
      isSuspect
        ? `${home.program.id} hung or ran out of memory several times and runs apart from others now`
        : `${home.program.id} has been good for a while and runs beside others again`,
    )
    await from.idle(key)
    await from.unload(key)
    // It was unloaded meanwhile, from where it was then.
    if (this.#homes.get(key) !== home) await to.unload(key)
  }

  #slotOf(program: Program): Slot | undefined {
    return this.#slots[place(program, this.#slots.length)]
  }

  #all(): Slot[] {
    const spare = [this.#quarantine, this.#apart?.slot].filter((slot) => slot !== undefined)
    return [...this.#slots, ...spare]
  }

  #homeOf(key: string): Home {
    const home = this.#homes.get(key)
    if (home === undefined) throw fail('plugin_not_loaded', { plugin: key })
    return home
  }
}

/** isolated-vm, and from the moment on at which it proves not to load, QuickJS. */
function chooseBackend({ backend, addon = findAddon(), log }: SandboxOptions): {
  start: () => CellStart
  onUnloadable: (reason: string) => boolean
} {
  const slow = 'plugins run in QuickJS instead, 4 to 5 times slower'
  let isNative = backend !== 'quickjs' && addon !== undefined
  if (backend === undefined && addon === undefined)
    log('warn', `isolated-vm has no build for this platform; ${slow}`)
  return {
    start: () =>
      isNative && addon !== undefined ? { backend: 'isolate', addon } : { backend: 'quickjs' },
    onUnloadable: (reason) => {
      if (backend !== undefined) return false
      if (isNative) log('warn', `isolated-vm does not load (${reason}); ${slow}`)
      isNative = false
      return true
    },
  }
}

/** By the plugin's id, so that its versions share one fate and one plugin can take down only one cell. */
function place({ id }: Program, cells: number): number {
  return createHash('sha256').update(id).digest().readUInt32BE(0) % cells
}
