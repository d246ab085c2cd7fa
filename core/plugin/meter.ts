/**
 * The health of plugins. What each did is counted in memory and added to the blackboard once a second, beside the
 * commits of reactions, so that all nodes agree on strikes; a crash loses at most that second. The strike that is
 * one too many quarantines the plugin.
 */
import { addPluginHealth } from '../../blackboard/query/addPluginHealth.ts'
import { storeStrikes } from '../../blackboard/query/storeStrikes.ts'
import { transact } from '../../blackboard/transact.ts'
import type { Board } from '../board.ts'
import { SlateboardError } from '../errors.ts'
import { repeat } from '../flow/repeat.ts'
import type { PluginHost } from '../host/host.ts'
import type { Registry } from '../host/registry.ts'
import {
  addStrikes,
  strikesMax,
  type AgentRun,
  type PluginCounts,
  type Strike,
} from '../model/pluginHealth.ts'
import { trouble } from '../trouble.ts'
import { CpuReadings } from './cpu.ts'
import type { PluginLines } from './lines.ts'
import { quarantinePlugin } from './quarantinePlugin.ts'
import { addLately, addRun, addTally, newTally, rowOf, strikesOf } from './tally.ts'
import type { Lately, Tally } from './tally.ts'

const flushMs = 1000

export interface PluginMeter extends AsyncDisposable {
  /** Writes down what was counted, and quarantines who has had too many strikes. */
  flush(): Promise<void>
  /** All that plugins did on this node since it started, for metrics. */
  totals(): ReadonlyMap<string, PluginTotals>
}

export interface PluginTotals extends PluginCounts {
  strikes: number
}

interface Struck {
  plugin: string
  strikes: Strike[]
}

export function createPluginMeter(
  board: Board,
  registry: Registry,
  lines: PluginLines,
  host: Pick<PluginHost, 'stats'>,
): PluginMeter {
  return new Meter(board, registry, lines, host)
}

class Meter implements PluginMeter {
  readonly #board: Board
  readonly #registry: Registry
  readonly #lines: PluginLines
  readonly #host: Pick<PluginHost, 'stats'>
  readonly #cpu = new CpuReadings()
  #tallies = new Map<string, Tally>()
  readonly #lately = new Map<string, Lately>()
  readonly #totals = new Map<string, PluginTotals>()
  readonly #deafen: () => void
  readonly #flushing: AsyncDisposable
  #writing: Promise<void> = Promise.resolve()

  constructor(
    board: Board,
    registry: Registry,
    lines: PluginLines,
    host: Pick<PluginHost, 'stats'>,
  ) {
    this.#host = host
    this.#board = board
    this.#registry = registry
    this.#lines = lines
    this.#deafen = board.signals.onRan((run) => this.#add(run))
    this.#flushing = repeat('health', flushMs, board.log, async () => {
      await this.flush()
      return 0
    })
  }

  flush(): Promise<void> {
    const result = this.#writing.then(() => this.#flush())
    this.#writing = result.catch(() => undefined)
    return result
  }

  totals(): ReadonlyMap<string, PluginTotals> {
    return this.#totals
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#deafen()
    await this.#flushing[Symbol.asyncDispose]()
    await this.flush().catch((thrown: unknown) => {
      this.#board.log.warn(trouble(thrown), 'the last second of the health of plugins was lost')
    })
  }

  #add(run: AgentRun): void {
    const at = this.#board.clock.now().toISOString()
    addRun(this.#tallyOf(run, at), run, at)
  }

  #tallyOf({ workspaceId, plugin }: { workspaceId: number; plugin: string }, at: string): Tally {
    const key = `${workspaceId} ${plugin}`
    const tally = this.#tallies.get(key) ?? newTally(workspaceId, plugin, at)
    this.#tallies.set(key, tally)
    return tally
  }

  async #flush(): Promise<void> {
    const at = this.#board.clock.now().toISOString()
    for (const used of this.#cpu.take(this.#host.stats())) {
      this.#tallyOf(used, at).cpuMs += used.cpuMs
    }
    const taken = this.#tallies
    this.#tallies = new Map()
    const left = new Map(taken)
    try {
      for (const [workspaceId, own] of Map.groupBy(taken.values(), (each) => each.workspaceId)) {
        const struck = await this.#write(workspaceId, own)
        for (const { plugin } of own) left.delete(`${workspaceId} ${plugin}`)
        for (const each of struck) await this.#quarantine(workspaceId, each)
      }
    } finally {
      // Counted again, together with what came meanwhile.
      for (const [key, tally] of left) {
        const next = this.#tallies.get(key)
        if (next) addTally(next, tally)
        else this.#tallies.set(key, tally)
      }
    }
  }

  /** Gives the plugins that have had too many strikes. */
  async #write(workspaceId: number, tallies: readonly Tally[]): Promise<Struck[]> {
    const { db, clock } = this.#board
    const now = clock.now()
    const fresh = new Map(tallies.map((tally) => [tally.plugin, this.#judge(tally, now)]))
    const rows = JSON.stringify(tallies.map(rowOf))
    const struck = await transact(db, async (tx) => {
      const known = await addPluginHealth(tx, { workspaceId, rows })
      const counting = known.flatMap(({ plugin, strikes, okAt, state, digest }): Struck[] => {
        const added = fresh.get(plugin)?.strikes ?? []
        if (added.length === 0 || state !== 'active' || digest === null) return []
        return [{ plugin, strikes: addStrikes(strikes, added, { now, digest, okAt }) }]
      })
      if (counting.length > 0) {
        await storeStrikes(tx, { workspaceId, rows: JSON.stringify(counting) })
      }
      return counting.filter(({ strikes }) => strikes.length >= strikesMax)
    })
    for (const tally of tallies) this.#count(tally, fresh.get(tally.plugin))
    return struck
  }

  #judge(tally: Tally, now: Date): { strikes: Strike[]; lately: Lately } {
    const key = `${tally.workspaceId} ${tally.plugin}`
    const lately = addLately(this.#lately.get(key), tally, now.getTime())
    return { strikes: strikesOf(tally, lately), lately }
  }

  /** Only once it is written down: what is tried again must not count twice. */
  #count(tally: Tally, judged: { strikes: Strike[]; lately: Lately } | undefined): void {
    const { workspaceId, plugin } = tally
    if (judged) this.#lately.set(`${workspaceId} ${plugin}`, judged.lately)
    const known = this.#totals.get(plugin)
    this.#totals.set(plugin, {
      calls: (known?.calls ?? 0) + tally.calls,
      items: (known?.items ?? 0) + tally.items,
      failures: (known?.failures ?? 0) + tally.failures,
      denials: (known?.denials ?? 0) + tally.denials,
      bytesOut: (known?.bytesOut ?? 0) + tally.bytesOut,
      busyMs: (known?.busyMs ?? 0) + tally.busyMs,
      cpuMs: (known?.cpuMs ?? 0) + tally.cpuMs,
      strikes: (known?.strikes ?? 0) + (judged?.strikes.length ?? 0),
    })
  }

  async #quarantine(workspaceId: number, { plugin, strikes }: Struck): Promise<void> {
    const last = strikes.at(-1)
    if (!last) return
    const { code, digest, profileId, eventId } = last
    const at = this.#board.clock.now().toISOString()
    const sample = { code, digest, profileId, eventId }
    const lines = this.#lines.of(workspaceId, plugin)
    const evidence = { ...sample, at, strikes: strikes.length, lines }
    try {
      await quarantinePlugin(this.#board, this.#registry, {
        workspaceId,
        plugin,
        reason: `strikes_${code}`,
        evidence,
      })
    } catch (thrown) {
      // Another node was first, or somebody stopped it meanwhile.
      if (thrown instanceof SlateboardError && thrown.code === 'plugin_state_refused') return
      throw thrown
    }
    this.#lately.delete(`${workspaceId} ${plugin}`)
    this.#board.log.error(
      { plugin, strikes: strikes.length, ...sample },
      'a plugin failed too often and is quarantined; its reactions wait until somebody releases it',
    )
  }
}
