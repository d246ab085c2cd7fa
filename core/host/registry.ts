/**
 * The plugins of each workspace. What is installed stands in the blackboard, bytes included, so that every
 * node loads the same; `refresh` makes this node's plugin host agree with it.
 */
import { listActivePlugins } from '../../blackboard/query/listActivePlugins.ts'
import { loadPlugins } from '../../blackboard/query/loadPlugins.ts'
import type { Board } from '../board.ts'
import type { PluginPhase } from '../model/pluginLife.ts'
import { trouble } from '../trouble.ts'
import { activate, retire } from './activate.ts'
import { beginCanary } from './canary.ts'
import type { Configs, Configured } from './configs.ts'
import { trustedGrant, type Grant } from './grant.ts'
import type { PluginHost } from './host.ts'
import { hostKeyOf } from './hostKey.ts'
import { verifyVersion, type StoredPackage } from './verifyVersion.ts'
import { checkManifest } from './manifest.ts'
import type { PluginPackage } from './package.ts'
import {
  asLoaded,
  rosterOf,
  type ActiveRow,
  type Loaded,
  type Roster,
  type RunnableAgent,
  type RunnablePerformer,
} from './roster.ts'

export type { RunnableAgent, RunnablePerformer }

export interface Registry {
  /**
   * Loads the package, stores it as the workspace's version in service and lets it take over, without a gap.
   * When it does not load, fails its own test or `trait_owned` stands against it, the version before goes on as if nothing was.
   * Called with a name only by trusted code: whoever else installs goes through core/plugin, which asks for
   * agreement first.
   *
   * With a share, the version before stays in service and leaves that share of the profiles, in percent, to this one.
   */
  install(
    workspaceId: number,
    pkg: PluginPackage,
    by: string | Grant,
    share?: number | null,
  ): Promise<void>
  /** Takes the plugin out of service; its traits, its versions and what waits for it stay. */
  remove(workspaceId: number, pluginId: string, by: string): Promise<void>
  /** Loads what became active and unloads what no longer is. */
  refresh(): Promise<void>
  /** The agents of all versions that run here, those of canaries after those of the version in service. */
  all(): readonly RunnableAgent[]
  /** The performers of the versions in service that run here. */
  performers(): readonly RunnablePerformer[]
  /** The agent as the profile has it; without a profile, that of the version in service. */
  find(workspaceId: number, name: string, profileId?: string): RunnableAgent | undefined
  /** What this node does with which versions at the moment. */
  phases(workspaceId: number): readonly VersionPhase[]
}

export interface VersionPhase {
  pluginId: string
  digest: string
  phase: PluginPhase
}

// A version that did not load is tried again this much later, not with every look at the database.
const brokenMs = 30_000
/** Versions that are loaded at once: cells work beside each other, and each has its own queue. */
const loadsMax = 8

export const createRegistry = (
  board: Board,
  host: PluginHost,
  definitionsChanged: (workspaceId: number) => void,
  configs: Pick<Configs, 'refresh'>,
): Registry => new HostRegistry(board, host, definitionsChanged, configs)

class HostRegistry implements Registry {
  readonly #board: Board
  readonly #host: PluginHost
  readonly #definitionsChanged: (workspaceId: number) => void
  readonly #configs: Pick<Configs, 'refresh'>
  #loaded: ReadonlyMap<string, Loaded> = new Map()
  #roster: Roster = rosterOf([])
  #working: Promise<unknown> = Promise.resolve()
  /** Loaded by an installation and not in service yet. */
  readonly #ready = new Map<string, Loaded>()
  readonly #brokenUntil = new Map<string, number>()
  readonly #phases = new Map<string, VersionPhase & { workspaceId: number }>()

  constructor(
    board: Board,
    host: PluginHost,
    definitionsChanged: (workspaceId: number) => void,
    configs: Pick<Configs, 'refresh'>,
  ) {
    this.#configs = configs
    this.#board = board
    this.#host = host
    this.#definitionsChanged = definitionsChanged
  }

  install(
    workspaceId: number,
    pkg: PluginPackage,
    by: string | Grant,
    share: number | null = null,
  ): Promise<void> {
    const grant = typeof by === 'string' ? trustedGrant(by) : by
    return this.#queue(() => this.#install(workspaceId, pkg, grant, share))
  }

  async remove(workspaceId: number, pluginId: string, by: string): Promise<void> {
    await retire(this.#board, { workspaceId, pluginId, by })
    await this.refresh()
    this.#board.signals.send('plugin')
  }

  refresh(): Promise<void> {
    return this.#queue(() => this.#refresh())
  }

  all(): readonly RunnableAgent[] {
    return this.#roster.agents
  }

  performers(): readonly RunnablePerformer[] {
    return this.#roster.performers
  }

  find(workspaceId: number, name: string, profileId?: string): RunnableAgent | undefined {
    return this.#roster.find(workspaceId, name, profileId)
  }

  phases(workspaceId: number): readonly VersionPhase[] {
    const asleep = new Set(
      this.#host.stats().plugins.flatMap(({ key, isAsleep }) => (isAsleep ? [key] : [])),
    )
    return [...this.#phases]
      .filter(([, each]) => each.workspaceId === workspaceId)
      .map(([key, each]) =>
        each.phase === 'running' && asleep.has(key) ? { ...each, phase: 'sleeping' } : each,
      )
  }

  /** One at a time: a version must not be loaded twice, nor one unloaded that is about to be wanted. */
  #queue(work: () => Promise<void>): Promise<void> {
    const result = this.#working.then(work)
    this.#working = result.catch(() => undefined)
    return result
  }

  async #install(
    workspaceId: number,
    pkg: PluginPackage,
    grant: Grant,
    share: number | null,
  ): Promise<void> {
    const { manifest, digest } = pkg
    checkManifest(manifest, this.#board.engine)
    const row = { workspaceId, id: manifest.id, digest, share }
    const key = hostKeyOf(row)
    // Loaded before it is stored: one that does not load leaves the version in service alone.
    const isNew = !this.#loaded.has(key)
    if (isNew) await this.#load(key, row, pkg)
    try {
      // Only here, before it is stored. A node that learns of it by refreshing runs what was tested where it was
      // installed: a test that fails on one node of many would leave the workspace with two versions in service.
      // What is gone back to has run before, and nothing must keep it from that.
      if (isNew && grant.verdict !== 'rolled_back') await this.#host.selfTest(key)
      if (share === null) await activate(this.#board, workspaceId, pkg, grant)
      else await beginCanary(this.#board, workspaceId, pkg, grant, share)
    } catch (thrown) {
      if (isNew) await this.#unload(key)
      throw thrown
    }
    if (isNew) this.#ready.set(key, asLoaded(key, row, manifest))
    this.#definitionsChanged(workspaceId)
    await this.#refresh()
    this.#board.signals.send('plugin')
  }

  async #load(key: string, row: ActiveRow, pkg: PluginPackage): Promise<void> {
    const { workspaceId, id: pluginId, digest } = row
    const say = (phase: PluginPhase): void =>
      void this.#phases.set(key, { workspaceId, pluginId, digest, phase })
    say('starting')
    try {
      await this.#host.load(key, pkg)
      say('running')
    } catch (thrown) {
      say('failed')
      throw thrown
    }
  }

  /** Ends with what is under way, or 5 s later; what is left then goes back to the agenda. */
  async #unload(key: string): Promise<void> {
    const phase = this.#phases.get(key)
    if (phase) this.#phases.set(key, { ...phase, phase: 'draining' })
    await this.#host.unload(key)
    this.#phases.delete(key)
  }

  async #refresh(): Promise<void> {
    const wanted = await listActivePlugins(this.#board.db.sql, {})
    const next = new Map<string, Loaded>()
    const fresh = await this.#loadMissing(wanted)
    for (const row of wanted) {
      const here = this.#present(row) ?? fresh.get(hostKeyOf(row))
      // A canary that does not load leaves its share to the version in service.
      const present = here ?? (row.share === null ? this.#before(row) : undefined)
      if (present) next.set(present.hostKey, { ...present, share: row.share })
    }
    this.#forgetFailed(wanted)
    const known = [...this.#loaded.keys(), ...this.#ready.keys()]
    const leaving = known.filter((key) => !next.has(key))
    this.#ready.clear()
    if (leaving.length === 0 && next.size === this.#loaded.size && this.#hasShares(next)) return
    await this.#readConfigs(
      [...next.values()].flatMap(({ agents, performers }) => [...agents, ...performers]),
    )
    this.#publish(next)
    // Only now: the new version takes the calls while the old one finishes those under way.
    await Promise.all(leaving.map((key) => this.#unload(key)))
  }

  #hasShares(next: ReadonlyMap<string, Loaded>): boolean {
    return next.values().every(({ hostKey, share }) => this.#loaded.get(hostKey)?.share === share)
  }

  /** Before they are in service, so that none seems to lack what is set; one that does waits for the next look. */
  async #readConfigs(agents: readonly Configured[]): Promise<void> {
    try {
      await this.#configs.refresh(agents)
    } catch (thrown) {
      this.#board.log.warn(trouble(thrown), 'the config of plugins could not be read')
    }
  }

  #present(row: ActiveRow): Loaded | undefined {
    const key = hostKeyOf(row)
    return this.#loaded.get(key) ?? this.#ready.get(key)
  }

  /** Reads all that is not here yet in one statement, and loads several at once. */
  async #loadMissing(wanted: readonly ActiveRow[]): Promise<ReadonlyMap<string, Loaded>> {
    const now = this.#board.clock.now().getTime()
    const missing = wanted.filter(
      (row) => !this.#present(row) && now >= (this.#brokenUntil.get(hostKeyOf(row)) ?? 0),
    )
    const fresh = new Map<string, Loaded>()
    if (missing.length === 0) return fresh
    const rows = await loadPlugins(this.#board.db.sql, { keys: JSON.stringify(missing) })
    const stored = new Map(rows.map((row) => [hostKeyOf(row), row]))
    const queue = missing.values()
    const work = async (): Promise<void> => {
      for (const row of queue) {
        const key = hostKeyOf(row)
        const loaded = await this.#tryLoad(key, row, stored.get(key))
        if (loaded) fresh.set(key, loaded)
      }
    }
    await Promise.all(Array.from({ length: loadsMax }, work))
    return fresh
  }

  /** The version that runs here: when the wanted one does not load, it goes on. */
  #before({ workspaceId, id }: ActiveRow): Loaded | undefined {
    const plugins = this.#loaded.values()
    return plugins.find(
      (plugin) => plugin.workspaceId === workspaceId && plugin.id === id && plugin.share === null,
    )
  }

  /** One plugin that does not load must not keep the others from running; its reactions wait. */
  async #tryLoad(
    key: string,
    row: ActiveRow,
    stored: StoredPackage | undefined,
  ): Promise<Loaded | undefined> {
    const { clock, log } = this.#board
    try {
      const pkg = await verifyVersion(this.#board, row, stored)
      checkManifest(pkg.manifest, this.#board.engine)
      await this.#take(key, row, pkg)
      this.#brokenUntil.delete(key)
      return asLoaded(key, row, pkg.manifest)
    } catch (thrown) {
      this.#brokenUntil.set(key, clock.now().getTime() + brokenMs)
      this.#noteFailure(key, row)
      log.error({ plugin: row.id, ...trouble(thrown) }, 'a plugin could not be loaded')
      return undefined
    }
  }

  /**
   * What replaces a version here is loaded before it takes over. What has none to fall back on was loaded where it
   * was installed, and is loaded here with its first call, some milliseconds later then: a start with 118 plugins
   * does not wait seconds for those that nobody calls.
   */
  async #take(key: string, row: ActiveRow, pkg: PluginPackage): Promise<void> {
    if (this.#before(row)) return await this.#load(key, row, pkg)
    this.#host.admit(key, pkg)
    const { workspaceId, id: pluginId, digest } = row
    this.#phases.set(key, { workspaceId, pluginId, digest, phase: 'running' })
  }

  #forgetFailed(wanted: readonly ActiveRow[]): void {
    const keys = new Set(wanted.map(hostKeyOf))
    for (const [key, { phase }] of this.#phases) {
      if (phase === 'failed' && !keys.has(key)) this.#phases.delete(key)
    }
  }

  /** Also of one that never came as far as being loaded. */
  #noteFailure(key: string, { workspaceId, id: pluginId, digest }: ActiveRow): void {
    this.#phases.set(key, { workspaceId, pluginId, digest, phase: 'failed' })
  }

  #publish(next: ReadonlyMap<string, Loaded>): void {
    this.#loaded = next
    this.#roster = rosterOf(next.values())
    this.#board.signals.send('agenda')
  }
}
