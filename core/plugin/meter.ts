/**
 * The health of plugins. What each did is counted in memory and added to the blackboard once a second, beside the
 * commits of reactions, so that all nodes agree on strikes; a crash loses at most that second. The strike that is
 * one too many quarantines the plugin, or has a version that is tried or watched taken back.
 */
import { LRUCache } from 'lru-cache'
import { addPluginHealth } from '../../blackboard/query/addPluginHealth.ts'
import { countVersions } from '../../blackboard/query/countVersions.ts'
import { storeStrikes } from '../../blackboard/query/storeStrikes.ts'
import { transact } from '../../blackboard/transact.ts'
import type { Board } from '../board.ts'
import { SlateboardError } from '../errors.ts'
import { repeat } from '../flow/repeat.ts'
import type { PluginHost } from '../host/host.ts'
import type { Registry } from '../host/registry.ts'
import {
  addStrikes,
  areTooMany,
  type AgentRun,
  type PluginCounts,
  type Strike,
} from '../model/pluginHealth.ts'
import { trouble } from '../trouble.ts'
import { CpuReadings } from './cpu.ts'
import type { PluginLines } from './lines.ts'
import { quarantinePlugin } from './quarantinePlugin.ts'
import { addLately, addRun, addTally, newTally, rowsOf, strikesOf, versionsOf } from './tally.ts'
import type { Lately, Tally } from './tally.ts'
import { takeBack, watchRollouts } from './watchRollouts.ts'

const flushMs = 1000
/** Versions whose last minutes are remembered; those of before are forgotten. */
const versionsMax = 10_000

export interface PluginMeter extends AsyncDisposable {
  /** Writes down what was counted, quarantines who has had too many strikes, and judges versions that are new. */
  flush(): Promise<void>
  /** All that plugins did on this node since it started, for metrics. */
  totals(): ReadonlyMap<string, PluginTotals>
}

export interface PluginTotals extends PluginCounts {
  strikes: number
}

/** A version that has had too many strikes. */
interface Struck {
  plugin: string
  digest: string
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
  readonly #lately = new LRUCache<string, Lately>({ max: versionsMax })
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
    const result = this.#writing.then(() => this.#flushAndJudge())
    this.#writing = result.catch(() => undefined)
    return result
  }

  totals(): ReadonlyMap<string, PluginTotals> {
    return this.#totals
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#deafen()
    await this.#flushing[Symbol.asyncDispose]()
    await this.#writing
    await this.#flush().catch((thrown: unknown) => {
      this.#board.log.warn(trouble(thrown), 'the last second of the health of plugins was lost')
    })
  }

  #add(run: AgentRun): void {
    const at = this.#board.clock.now().toISOString()
    addRun(this.#tallyOf(run, at), run, at)
  }

  #tallyOf(of: { workspaceId: number; plugin: string; digest: string }, at: string): Tally {
    const key = keyOf(of)
    const tally = this.#tallies.get(key) ?? newTally(of.workspaceId, of.plugin, of.digest, at)
    this.#tallies.set(key, tally)
    return tally
  }

  async #flushAndJudge(): Promise<void> {
    await this.#flush()
    await watchRollouts(this.#board, this.#registry)
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
        for (const tally of own) left.delete(keyOf(tally))
        for (const each of struck) await this.#stop(workspaceId, each)
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

  /** Gives the versions that have had too many strikes. */
  async #write(workspaceId: number, tallies: readonly Tally[]): Promise<Struck[]> {
    const { db, clock } = this.#board
    const now = clock.now()
    const judged = tallies.map((tally) => ({ tally, ...this.#judge(tally, now) }))
    const rows = JSON.stringify(rowsOf(tallies))
    const versions = JSON.stringify(versionsOf(tallies))
    const struck = await transact(db, async (tx) => {
      const known = await addPluginHealth(tx, { workspaceId, rows })
      await countVersions(tx, { workspaceId, rows: versions, at: now.toISOString() })
      const counting = known.map((standing) => {
        const fresh = judged.filter(({ tally }) => tally.plugin === standing.plugin)
        return counted(
          standing,
          now,
          fresh.flatMap(({ strikes }) => strikes),
        )
      })
      const changed = counting.filter(({ isNew }) => isNew)
      if (changed.length > 0) await storeStrikes(tx, { workspaceId, rows: JSON.stringify(changed) })
      return changed.flatMap(({ struck: each }) => each)
    })
    for (const { tally, strikes, lately } of judged) this.#count(tally, strikes, lately)
    return struck
  }

  #judge(tally: Tally, now: Date): { strikes: Strike[]; lately: Lately } {
    const lately = addLately(this.#lately.get(keyOf(tally)), tally, now.getTime())
    return { strikes: strikesOf(tally, lately), lately }
  }

  /** Only once it is written down: what is tried again must not count twice. */
  #count(tally: Tally, strikes: readonly Strike[], lately: Lately): void {
    const { plugin } = tally
    this.#lately.set(keyOf(tally), lately)
    const known = this.#totals.get(plugin)
    this.#totals.set(plugin, {
      calls: (known?.calls ?? 0) + tally.calls,
      items: (known?.items ?? 0) + tally.items,
      failures: (known?.failures ?? 0) + tally.failures,
      denials: (known?.denials ?? 0) + tally.denials,
      bytesOut: (known?.bytesOut ?? 0) + tally.bytesOut,
      writes: (known?.writes ?? 0) + tally.writes,
      conflicts: (known?.conflicts ?? 0) + tally.conflicts,
      busyMs: (known?.busyMs ?? 0) + tally.busyMs,
      cpuMs: (known?.cpuMs ?? 0) + tally.cpuMs,
      strikes: (known?.strikes ?? 0) + strikes.length,
    })
  }

  /** A version that has another to fall back on is taken back; where there is none, the plugin is quarantined. */
  async #stop(workspaceId: number, struck: Struck): Promise<void> {
    const { plugin, digest, strikes } = struck
    this.#lately.delete(keyOf({ workspaceId, plugin, digest }))
    const reason = `It had ${strikes.length} strikes, the last for ${strikes.at(-1)?.code ?? ''}.`
    const failed = { workspaceId, plugin, digest, reason }
    if (await takeBack(this.#board, this.#registry, failed)) return
    await this.#quarantine(workspaceId, struck)
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
    this.#board.log.error(
      { plugin, strikes: strikes.length, ...sample },
      'a plugin failed too often and is quarantined; its reactions wait until somebody releases it',
    )
  }
}

const keyOf = ({ workspaceId, plugin, digest }: Pick<Tally, 'workspaceId' | 'plugin' | 'digest'>) =>
  `${workspaceId} ${plugin} ${digest}`

type Standing = Awaited<ReturnType<typeof addPluginHealth>>[number]

/** The strikes that count against the versions that run. */
function counted(
  { plugin, strikes: known, okAt, state, digest, canaryDigest }: Standing,
  now: Date,
  fresh: readonly Strike[],
): { plugin: string; isNew: boolean; strikes: Strike[]; struck: Struck[] } {
  const running = state === 'active' ? [digest, canaryDigest].filter((one) => one !== null) : []
  const each = running.map((one) => ({
    plugin,
    digest: one,
    strikes: addStrikes(known, fresh, { now, digest: one, okAt }),
  }))
  return {
    plugin,
    isNew: running.length > 0 && fresh.length > 0,
    strikes: each.flatMap(({ strikes }) => strikes),
    struck: each.filter(
      (one) => areTooMany(one.strikes) && fresh.some((strike) => strike.digest === one.digest),
    ),
  }
}
