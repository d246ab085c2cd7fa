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
  /** Stores the package as the workspace's active version of the plugin and loads it, without a gap. */
  install(workspaceId: number, pkg: PluginPackage, by: string): Promise<void>
  /** Takes the plugin out of service; its traits and versions stay. */
  remove(workspaceId: number, pluginId: string, by: string): Promise<void>
  /** Loads what became active and unloads what no longer is. */
  refresh(): Promise<void>
  all(): readonly RunnableAgent[]
  find(workspaceId: number, name: string): RunnableAgent | undefined
}

interface Loaded {
  workspaceId: number
  id: string
  digest: string
  agents: RunnableAgent[]
}

export function createRegistry(
  board: Board,
  host: PluginHost,
  definitionsChanged: (workspaceId: number) => void,
): Registry {
  let loaded = new Map<string, Loaded>()
  let agents: readonly RunnableAgent[] = []
  let byName = new Map<string, RunnableAgent>()
  let refreshing: Promise<void> = Promise.resolve()

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
      const present = loaded.get(key) ?? (await load(board, host, key, row))
      if (present) next.set(key, present)
    }
    const leaving = [...loaded.keys()].filter((key) => !next.has(key))
    if (leaving.length === 0 && next.size === loaded.size) return
    publish(next)
    // Only now: the new version takes the calls while the old one finishes those under way.
    await Promise.all(leaving.map((key) => host.unload(key)))
  }

  const refresh = (): Promise<void> => {
    refreshing = refreshing.then(refreshNow, refreshNow)
    return refreshing
  }

  return {
    async install(workspaceId, pkg, by) {
      await transact(board.db, (tx) => store(tx, board, workspaceId, pkg, by))
      definitionsChanged(workspaceId)
      await refresh()
      board.signals.send('plugin')
    },
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

async function load(
  board: Board,
  host: PluginHost,
  key: string,
  { workspaceId, id, digest }: { workspaceId: number; id: string; digest: string },
): Promise<Loaded | undefined> {
  try {
    const [row] = await loadPlugin(board.db.sql, { workspaceId, id, digest })
    if (!row) throw fail('plugin_not_found', { plugin: id })
    const manifest = manifestSchema.parse(row.manifest)
    await host.load(key, { manifest, bundle: row.bundle, digest })
    return {
      workspaceId,
      id,
      digest,
      agents: manifest.agents.map((agent) => ({
        workspaceId,
        name: `${id}/${agent.id}`,
        pluginId: id,
        digest,
        hostKey: key,
        manifest: agent,
      })),
    }
  } catch (thrown) {
    // One plugin that does not load must not keep the others from running; its reactions wait.
    board.log.error({ plugin: id, ...trouble(thrown) }, 'a plugin could not be loaded')
    return undefined
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
