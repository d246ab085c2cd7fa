/**
 * The plugins of each workspace. What is installed stands in the blackboard, bytes included, so that every
 * node loads the same; `refresh` makes this node's plugin host agree with it.
 */
import { listActivePlugins } from '../../blackboard/query/listActivePlugins.ts'
import { loadPlugin } from '../../blackboard/query/loadPlugin.ts'
import type { Board } from '../board.ts'
import { fail } from '../errors.ts'
import {
  manifestSchema,
  type AgentManifest,
  type Manifest,
  type NetworkEntry,
} from '../model/manifest.ts'
import { trouble } from '../trouble.ts'
import { activate, retire } from './activate.ts'
import type { PluginHost } from './host.ts'
import type { PluginPackage } from './package.ts'

/** An agent that can run on this node now. */
export interface RunnableAgent {
  workspaceId: number
  /** `plugin/agent`, as the agenda and the change log name it. */
  name: string
  pluginId: string
  /** Digest of the plugin version that runs. */
  digest: string
  /** What the plugin host knows the loaded version by. */
  hostKey: string
  /** Where its plugin may send requests. */
  network: readonly NetworkEntry[]
  manifest: AgentManifest
}

export interface Registry {
  /**
   * Loads the package, stores it as the workspace's active version and lets it take over, without a gap.
   * When it does not load or `trait_owned` stands against it, the version before goes on as if nothing was.
   */
  install(workspaceId: number, pkg: PluginPackage, by: string): Promise<void>
  /** Takes the plugin out of service; its traits and versions stay. */
  remove(workspaceId: number, pluginId: string, by: string): Promise<void>
  /** Loads what became active and unloads what no longer is. */
  refresh(): Promise<void>
  all(): readonly RunnableAgent[]
  find(workspaceId: number, name: string): RunnableAgent | undefined
}

interface ActiveRow {
  workspaceId: number
  id: string
  digest: string
}

interface Loaded {
  workspaceId: number
  id: string
  hostKey: string
  agents: RunnableAgent[]
}

// A version that did not load is tried again this much later, not with every look at the database.
const brokenMs = 30_000

export const createRegistry = (
  board: Board,
  host: PluginHost,
  definitionsChanged: (workspaceId: number) => void,
): Registry => new HostRegistry(board, host, definitionsChanged)

class HostRegistry implements Registry {
  readonly #board: Board
  readonly #host: PluginHost
  readonly #definitionsChanged: (workspaceId: number) => void
  #loaded: ReadonlyMap<string, Loaded> = new Map()
  #agents: readonly RunnableAgent[] = []
  #byName: ReadonlyMap<string, RunnableAgent> = new Map()
  #working: Promise<unknown> = Promise.resolve()
  /** Loaded by an installation and not in service yet. */
  readonly #ready = new Map<string, Loaded>()
  readonly #brokenUntil = new Map<string, number>()

  constructor(board: Board, host: PluginHost, definitionsChanged: (workspaceId: number) => void) {
    this.#board = board
    this.#host = host
    this.#definitionsChanged = definitionsChanged
  }

  install(workspaceId: number, pkg: PluginPackage, by: string): Promise<void> {
    return this.#queue(() => this.#install(workspaceId, pkg, by))
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
    return this.#agents
  }

  find(workspaceId: number, name: string): RunnableAgent | undefined {
    return this.#byName.get(nameKey(workspaceId, name))
  }

  /** One at a time: a version must not be loaded twice, nor one unloaded that is about to be wanted. */
  #queue(work: () => Promise<void>): Promise<void> {
    const result = this.#working.then(work)
    this.#working = result.catch(() => undefined)
    return result
  }

  async #install(workspaceId: number, pkg: PluginPackage, by: string): Promise<void> {
    const { manifest, digest } = pkg
    const row = { workspaceId, id: manifest.id, digest }
    const key = hostKeyOf(row)
    // Loaded before it is stored: one that does not load leaves the version in service alone.
    const isNew = !this.#loaded.has(key)
    if (isNew) await this.#host.load(key, pkg)
    try {
      await activate(this.#board, workspaceId, pkg, by)
    } catch (thrown) {
      if (isNew) await this.#host.unload(key)
      throw thrown
    }
    if (isNew) this.#ready.set(key, asLoaded(key, row, manifest))
    this.#definitionsChanged(workspaceId)
    await this.#refresh()
    this.#board.signals.send('plugin')
  }

  async #refresh(): Promise<void> {
    const wanted = await listActivePlugins(this.#board.db.sql, {})
    const next = new Map<string, Loaded>()
    for (const row of wanted) {
      const present = await this.#present(row)
      if (present) next.set(present.hostKey, present)
    }
    const known = [...this.#loaded.keys(), ...this.#ready.keys()]
    const leaving = known.filter((key) => !next.has(key))
    this.#ready.clear()
    if (leaving.length === 0 && next.size === this.#loaded.size) return
    this.#publish(next)
    // Only now: the new version takes the calls while the old one finishes those under way.
    await Promise.all(leaving.map((key) => this.#host.unload(key)))
  }

  async #present(row: ActiveRow): Promise<Loaded | undefined> {
    const key = hostKeyOf(row)
    return (
      this.#loaded.get(key) ??
      this.#ready.get(key) ??
      (await this.#tryLoad(key, row)) ??
      this.#before(row)
    )
  }

  /** The version that runs here: when the wanted one does not load, it goes on. */
  #before({ workspaceId, id }: ActiveRow): Loaded | undefined {
    const plugins = this.#loaded.values()
    return plugins.find((plugin) => plugin.workspaceId === workspaceId && plugin.id === id)
  }

  /** One plugin that does not load must not keep the others from running; its reactions wait. */
  async #tryLoad(key: string, row: ActiveRow): Promise<Loaded | undefined> {
    const { clock, db, log } = this.#board
    const now = clock.now().getTime()
    if (now < (this.#brokenUntil.get(key) ?? 0)) return undefined
    try {
      const [stored] = await loadPlugin(db.sql, { ...row })
      if (!stored) throw fail('plugin_not_found', { plugin: row.id })
      const manifest = manifestSchema.parse(stored.manifest)
      await this.#host.load(key, { manifest, bundle: stored.bundle, digest: row.digest })
      this.#brokenUntil.delete(key)
      return asLoaded(key, row, manifest)
    } catch (thrown) {
      this.#brokenUntil.set(key, now + brokenMs)
      log.error({ plugin: row.id, ...trouble(thrown) }, 'a plugin could not be loaded')
      return undefined
    }
  }

  #publish(next: ReadonlyMap<string, Loaded>): void {
    this.#loaded = next
    this.#agents = [...next.values()].flatMap((plugin) => plugin.agents)
    this.#byName = new Map(
      this.#agents.map((agent) => [nameKey(agent.workspaceId, agent.name), agent]),
    )
    this.#board.signals.send('agenda')
  }
}

const nameKey = (workspaceId: number, name: string): string => `${workspaceId} ${name}`
const hostKeyOf = ({ workspaceId, id, digest }: ActiveRow): string =>
  `${workspaceId}/${id}@${digest.slice(0, 16)}`

function asLoaded(key: string, { workspaceId, id, digest }: ActiveRow, manifest: Manifest): Loaded {
  return {
    workspaceId,
    id,
    hostKey: key,
    agents: manifest.agents.map((agent) => ({
      workspaceId,
      name: `${id}/${agent.id}`,
      pluginId: id,
      digest,
      hostKey: key,
      network: manifest.network,
      manifest: agent,
    })),
  }
}
