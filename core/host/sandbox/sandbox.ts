import { createHash } from 'node:crypto'
import { fail } from '../../errors.ts'
import type { Engine, Program } from '../engine.ts'
import { Slot, type SlotLog } from './slot.ts'

export interface SandboxOptions {
  /** Child processes that share the plugins; default 2. */
  cells?: number
  /** Resident memory at which a cell is killed; default 512 MB. */
  cellMemoryBytesMax?: number
  /** See `LifeLimits`; default 1000 ms. */
  wallSlackMs?: number
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
  const slots = Array.from(
    { length: options.cells ?? 2 },
    (_, cell) => new Slot(cell, limits, options.log),
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
    run: async (key, batch, calls) => homeOf(key).run(key, batch, calls),
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

/** By the plugin's id, so that its versions share one fate and one plugin can take down only one cell. */
function place({ id }: Program, cells: number): number {
  return createHash('sha256').update(id).digest().readUInt32BE(0) % cells
}
