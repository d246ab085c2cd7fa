/**
 * The plugins of each workspace. What is installed stands in the blackboard, bytes included, so that every
 * node loads the same; `refresh` makes this node's plugin host agree with it.
 */
import { appendAudit } from '../../blackboard/query/appendAudit.ts'
import { listActivePlugins } from '../../blackboard/query/listActivePlugins.ts'
import { loadPlugin } from '../../blackboard/query/loadPlugin.ts'
import { removePlugin } from '../../blackboard/query/removePlugin.ts'
import { replaceDefinitions } from '../../blackboard/query/replaceDefinitions.ts'
import { replaceSubscriptions } from '../../blackboard/query/replaceSubscriptions.ts'
import { storePlugin } from '../../blackboard/query/storePlugin.ts'
import { transact } from '../../blackboard/transact.ts'
import type { Board } from '../board.ts'
import { fail } from '../errors.ts'
import { manifestSchema, type AgentManifest, type Manifest } from '../model/manifest.ts'
import { trouble } from '../trouble.ts'
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

export function createRegistry(
  board: Board,
  host: PluginHost,
  definitionsChanged: (workspaceId: number) => void,
): Registry {
  let loaded = new Map<string, Loaded>()
  let agents: readonly RunnableAgent[] = []
  let byName = new Map<string, RunnableAgent>()
  let refreshing: Promise<void> = Promise.resolve()
  /** Loaded by an installation and not in service yet. */
  const ready = new Map<string, Loaded>()
  const brokenUntil = new Map<string, number>()

  const publish = (next: Map<string, Loaded>): void => {
    loaded = next
    agents = [...next.values()].flatMap((plugin) => plugin.agents)
    byName = new Map(agents.map((agent) => [nameKey(agent.workspaceId, agent.name), agent]))
    board.signals.send('agenda')
  }

  const refreshNow = async (): Promise<void> => {
    const wanted = await listActivePlugins(board.db.sql, {})
    const next = new Map<string, Loaded>()
    for (const row of wanted) {
      const key = hostKeyOf(row.workspaceId, row.id, row.digest)
      const present = loaded.get(key) ?? ready.get(key) ?? (await tryLoad(key, row)) ?? before(row)
      if (present) next.set(present.hostKey, present)
    }
    const leaving = [...loaded.keys(), ...ready.keys()].filter((key) => !next.has(key))
    ready.clear()
    if (leaving.length === 0 && next.size === loaded.size) return
    publish(next)
    // Only now: the new version takes the calls while the old one finishes those under way.
    await Promise.all(leaving.map((key) => host.unload(key)))
  }

  /** The version that runs here: when the wanted one does not load, it goes on. */
  const before = ({ workspaceId, id }: ActiveRow): Loaded | undefined =>
    [...loaded.values()].find((plugin) => plugin.workspaceId === workspaceId && plugin.id === id)

  /** One plugin that does not load must not keep the others from running; its reactions wait. */
  const tryLoad = async (key: string, row: ActiveRow): Promise<Loaded | undefined> => {
    const now = board.clock.now().getTime()
    if (now < (brokenUntil.get(key) ?? 0)) return undefined
    try {
      const [stored] = await loadPlugin(board.db.sql, { ...row })
      if (!stored) throw fail('plugin_not_found', { plugin: row.id })
      const manifest = manifestSchema.parse(stored.manifest)
      await host.load(key, { manifest, bundle: stored.bundle, digest: row.digest })
      brokenUntil.delete(key)
      return asLoaded(key, row, manifest)
    } catch (thrown) {
      brokenUntil.set(key, now + brokenMs)
      board.log.error({ plugin: row.id, ...trouble(thrown) }, 'a plugin could not be loaded')
      return undefined
    }
  }

  /** One at a time: a version must not be loaded twice, nor one unloaded that is about to be wanted. */
  const queue = <T>(work: () => Promise<T>): Promise<T> => {
    const result = refreshing.then(work)
    refreshing = result.then(
      () => undefined,
      () => undefined,
    )
    return result
  }

  const installNow = async (workspaceId: number, pkg: PluginPackage, by: string): Promise<void> => {
    const { manifest, digest } = pkg
    const row = { workspaceId, id: manifest.id, digest }
    const key = hostKeyOf(workspaceId, manifest.id, digest)
    // Loaded before it is stored: one that does not load leaves the version in service alone.
    const isNew = !loaded.has(key)
    if (isNew) await host.load(key, pkg)
    try {
      await transact(board.db, (tx) => store(tx, board, workspaceId, pkg, by))
    } catch (thrown) {
      if (isNew) await host.unload(key)
      throw thrown
    }
    if (isNew) ready.set(key, asLoaded(key, row, manifest))
    definitionsChanged(workspaceId)
    await refreshNow()
    board.signals.send('plugin')
  }

  const refresh = (): Promise<void> => queue(refreshNow)

  return {
    install: (workspaceId, pkg, by) => queue(() => installNow(workspaceId, pkg, by)),
    async remove(workspaceId, pluginId, by) {
      const at = board.clock.now().toISOString()
      await transact(board.db, async (tx) => {
        const [removed] = await removePlugin(tx, { workspaceId, id: pluginId, at })
        if (!removed) throw fail('plugin_not_found', { plugin: pluginId })
        const { reactions } = removed
        await appendAudit(tx, {
          entries: audit(board, workspaceId, by, 'plugin.remove', pluginId, { reactions }),
        })
      })
      await refresh()
      board.signals.send('plugin')
    },
    refresh,
    all: () => agents,
    find: (workspaceId, name) => byName.get(nameKey(workspaceId, name)),
  }
}

const nameKey = (workspaceId: number, name: string): string => `${workspaceId} ${name}`
const hostKeyOf = (workspaceId: number, id: string, digest: string): string =>
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
      manifest: agent,
    })),
  }
}

type Transaction = Parameters<Parameters<typeof transact>[1]>[0]

async function store(
  tx: Transaction,
  board: Board,
  workspaceId: number,
  { manifest, bundle, digest }: PluginPackage,
  by: string,
): Promise<void> {
  const at = board.clock.now().toISOString()
  const definitions = definitionsOf(manifest)
  const got = await replaceDefinitions(tx, {
    workspaceId,
    definitions: JSON.stringify(definitions),
    at,
  })
  const taken = definitions.find(({ key }) => !got.some((row) => row.key === key))
  if (taken) throw fail('trait_owned', { key: taken.key, owner: 'another agent or the workspace' })
  await Promise.all([
    storePlugin(tx, {
      workspaceId,
      id: manifest.id,
      version: manifest.version,
      digest,
      manifest: JSON.stringify(manifest),
      bundle,
      by,
      at,
    }),
    replaceSubscriptions(tx, {
      workspaceId,
      plugin: manifest.id,
      subscriptions: JSON.stringify(subscriptionsOf(manifest)),
    }),
    appendAudit(tx, {
      entries: audit(board, workspaceId, by, 'plugin.install', manifest.id, {
        version: manifest.version,
        digest,
      }),
    }),
  ])
}

function definitionsOf(manifest: Manifest): { key: string }[] {
  return manifest.traits.map(({ key, class: dataClass, schema, purposes }) => {
    const owner = manifest.agents.find(({ writes }) => writes.includes(key))
    return {
      key,
      class: dataClass,
      schema: schema ?? null,
      purposes,
      owner: `${manifest.id}/${owner?.id ?? ''}`,
    }
  })
}

function subscriptionsOf(manifest: Manifest): object[] {
  return manifest.agents.flatMap(({ id, triggers, priority }) => {
    const agent = `${manifest.id}/${id}`
    return [
      ...triggers.events.map((key) => ({ kind: 'event', key, agent, priority })),
      ...triggers.traits.map((key) => ({ kind: 'trait', key, agent, priority })),
      ...(triggers.consents ? [{ kind: 'consent', key: '*', agent, priority }] : []),
    ]
  })
}

const audit = (
  { clock }: Board,
  workspaceId: number,
  by: string,
  action: string,
  pluginId: string,
  payload: object,
): string =>
  JSON.stringify([
    {
      workspaceId,
      id: clock.id(),
      at: clock.now(),
      actor: by,
      action,
      object: `plugin:${pluginId}`,
      payload,
    },
  ])
