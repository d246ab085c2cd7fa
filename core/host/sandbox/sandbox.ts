import { createHash } from 'node:crypto'
import { fail } from '../../errors.ts'
import type { Engine, Program } from '../engine.ts'
import { Slot, type SlotLog } from './slot.ts'
import { findAddon, type CellStart } from './spawn.ts'

export interface SandboxOptions {
  /** Child processes that share the plugins; default 2. */
  cells?: number
  /** Resident memory at which a cell is killed; default 512 MB. */
  cellMemoryBytesMax?: number
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
  const backend = chooseBackend(options)
  const slots = Array.from(
    { length: options.cells ?? 2 },
    (_, cell) => new Slot({ cell, tier: 'sandbox', limits, log: options.log, ...backend }),
  )
  const homes = new Map<string, Slot>()
  const homeOf = (key: string): Slot => {
    const slot = homes.get(key)
    if (slot === undefined) throw fail('plugin_not_loaded', { plugin: key })
    return slot
  }
  return {
    async load(key, program) {
      const slot = slots[place(program, slots.length)]
      if (slot === undefined) throw fail('sandbox_unavailable', { reason: 'it has no cells' })
      await slot.load(key, program)
      homes.set(key, slot)
    },
    run: async (key, batch) => homeOf(key).run(key, batch),
    async unload(key) {
      const slot = homeOf(key)
      homes.delete(key)
      await slot.unload(key)
    },
    stats: () => slots.map((slot) => slot.stats()),
    async [Symbol.asyncDispose]() {
      await Promise.all(slots.map((slot) => slot[Symbol.asyncDispose]()))
    },
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
