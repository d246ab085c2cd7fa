import { fail, SlateboardError } from '../errors.ts'
import type { Batch, BatchResult, Engine, HostCalls, RawOutcome } from './engine.ts'
import { Slot, type SlotLog } from './sandbox/slot.ts'

export interface ProcessOptions {
  /** Resident memory at which the process of a plugin is killed; default 192 MB, of which Node takes 50. */
  processMemoryBytesMax?: number
  /** See `LifeLimits`; default 1000 ms. */
  wallSlackMs?: number
  log: SlotLog
}

/** Items of one batch that may end the process before the rest is given back untouched. */
const strikesMax = 3

/**
 * The tier `process`: one child for each plugin, speaking the frames of a cell. What it computes with may be
 * Node's; what it reaches is nothing. Costs 9 to 12 MB where an isolate costs 1.2.
 */
export function createProcesses(options: ProcessOptions): Engine {
  const limits = {
    memoryBytesMax: options.processMemoryBytesMax ?? 201_326_592,
    wallSlackMs: options.wallSlackMs ?? 1000,
  }
  const slots = new Map<string, Slot>()
  let started = 0
  const slotOf = (key: string): Slot => {
    const slot = slots.get(key)
    if (slot === undefined) throw fail('plugin_not_loaded', { plugin: key })
    return slot
  }
  return {
    // Each process is of one plugin and starts with it.
    prepare: () => undefined,
    async load(key, program) {
      const { log } = options
      const start = () => ({ backend: 'process' }) as const
      const isNice = program.isApart === true
      const slot = new Slot({ cell: started, tier: 'process', limits, log, start, isNice })
      started += 1
      try {
        await slot.load(key, program)
      } catch (thrown) {
        await slot[Symbol.asyncDispose]()
        const isLost = thrown instanceof SlateboardError && thrown.code === 'cell_lost'
        if (!isLost) throw thrown
        // It shares its process with nobody: whatever ended that, it was this plugin.
        throw fail('plugin_load_failed', { plugin: program.id, reason: thrown.message }, thrown)
      }
      slots.set(key, slot)
    },
    run: async (key, batch, calls) => {
      const slot = slotOf(key)
      return await runThrough(
        (part, first) => slot.run(key, part, calls && after(calls, first)),
        batch,
      )
    },
    async unload(key) {
      const slot = slotOf(key)
      slots.delete(key)
      await slot[Symbol.asyncDispose]()
    },
    stats: () => [...slots.values()].map((slot) => slot.stats()),
    async [Symbol.asyncDispose]() {
      await Promise.all([...slots.values()].map((slot) => slot[Symbol.asyncDispose]()))
    },
  }
}

/**
 * A process that ends in the middle takes the answers of the whole batch along. What got none is then run
 * item by item, so that the one that ended it is known and the others get theirs.
 */
async function runThrough(
  run: (batch: Batch, first: number) => Promise<BatchResult>,
  batch: Batch,
): Promise<BatchResult> {
  const result = await run(batch, 0)
  if (!result.outcomes.some((outcome) => 'lost' in outcome)) return result
  let strikes = 0
  for (const [at, outcome] of result.outcomes.entries()) {
    if (!isUnanswered(outcome)) continue
    if (strikes >= strikesMax) {
      result.outcomes[at] = { stopped: 'plugin_not_run' }
      continue
    }
    const alone = await run({ ...batch, items: batch.items.slice(at, at + 1) }, at)
    const answer = blamed(alone.outcomes[0] ?? outcome)
    if (isUnanswered(answer)) strikes += 1
    result.outcomes[at] = answer
    result.logs.push(...alone.logs.map((log) => ({ ...log, item: at })))
    result.cpuUs += alone.cpuUs
  }
  return result
}

/** The calls of items of which `first` is the first, under their positions in the whole. */
const after = (calls: HostCalls, first: number): HostCalls => ({
  call: (item, name, body) => calls.call(first + item, name, body),
})

const isUnanswered = (outcome: RawOutcome): boolean => 'lost' in outcome || 'stopped' in outcome

/** Alone in its process, an item is to blame for how that ended. */
const blamed = (outcome: RawOutcome): RawOutcome =>
  'lost' in outcome && outcome.by === 'memory' ? { stopped: 'plugin_out_of_memory' } : outcome
