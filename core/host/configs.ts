/**
 * What is set for the plugins that run on this node, kept ready so that a batch asks nobody: read when a plugin
 * comes, at every signal and every second, and only for plugins that take a config at all.
 */
import { LRUCache } from 'lru-cache'
import { listConfigs } from '../../blackboard/query/listConfigs.ts'
import type { Board } from '../board.ts'
import { fail } from '../errors.ts'
import type { JsonObject } from '../model/json.ts'
import {
  asValues,
  completeConfig,
  configGap,
  noConfig,
  readConfigShape,
  type ConfigProblem,
} from '../model/pluginConfig.ts'
import type { RunnableAgent } from './registry.ts'

/** Whoever's plugin may take a config: an agent, a performer. */
export type Configured = Pick<RunnableAgent, 'workspaceId' | 'pluginId' | 'hostKey' | 'config'>

export interface Configs {
  /** The config that an agent is handed; undefined where its plugin takes none. @throws plugin_not_configured */
  of(agent: Configured): JsonObject | undefined
  /** Those whose plugin has what it needs to run. */
  ready<Member extends Configured>(agents: readonly Member[]): readonly Member[]
  /** Reads what is set for the plugins of these agents. */
  refresh(agents: readonly Configured[]): Promise<void>
}

interface Entry {
  number: number
  config: JsonObject
  gap: ConfigProblem | undefined
}

/** Versions of plugins, so a few of each are past ones. */
const entriesMax = 10_000

export function createConfigs({ db, log, signals }: Board): Configs {
  const entries = new LRUCache<string, Entry>({ max: entriesMax })
  const isReady = ({ config, hostKey }: Configured): boolean => {
    const entry = config && entries.get(hostKey)
    return !config || (entry !== undefined && entry.gap === undefined)
  }
  const store = (agent: Configured, entry: Entry): void => {
    const before = entries.get(agent.hostKey)
    // Of two that were read at once the older may come last.
    if (before && before.number > entry.number) return
    entries.set(agent.hostKey, entry)
    if (entry.gap && before?.number !== entry.number) {
      const { pluginId: plugin } = agent
      const { message } = notConfigured(agent, entry.gap)
      log.warn({ plugin, code: 'plugin_not_configured' }, message)
    }
    if (!entry.gap && before?.gap) signals.send('agenda')
  }
  return {
    of(agent) {
      if (!agent.config) return undefined
      const entry = entries.get(agent.hostKey)
      if (!entry) throw fail('plugin_not_loaded', { plugin: agent.pluginId })
      if (entry.gap) throw notConfigured(agent, entry.gap)
      return entry.config
    },
    ready: (agents) => (agents.every(isReady) ? agents : agents.filter(isReady)),
    async refresh(agents) {
      const plugins = new Map(
        agents.filter(({ config }) => config).map((agent) => [agent.hostKey, agent]),
      )
      if (plugins.size === 0) return
      const names = [...plugins.values()].map(nameOf)
      const rows = await listConfigs(db.sql, { plugins: [...new Set(names)] })
      const known = new Map(rows.map((row) => [row.plugin, row]))
      for (const agent of plugins.values()) {
        const row = known.get(nameOf(agent))
        if (row) store(agent, entryOf(agent, row))
      }
    },
  }
}

/** What a version would be handed if it were in service. @throws plugin_not_configured */
export async function readConfig(
  { db }: Board,
  agent: Configured,
): Promise<JsonObject | undefined> {
  if (!agent.config) return undefined
  const [row] = await listConfigs(db.sql, { plugins: [nameOf(agent)] })
  const { config, gap } = entryOf(agent, row ?? { number: 0, config: {}, secrets: [] })
  if (gap) throw notConfigured(agent, gap)
  return config
}

const nameOf = ({ workspaceId, pluginId }: Configured): string => `${workspaceId} ${pluginId}`

function entryOf(
  { config: declared }: Configured,
  { number, config, secrets }: Omit<Awaited<ReturnType<typeof listConfigs>>[number], 'plugin'>,
): Entry {
  const values = asValues(config)
  const read = readConfigShape(declared?.schema)
  const shape = 'shape' in read ? read.shape : noConfig
  const gap = configGap(declared ?? { secrets: [] }, values, secrets)
  return { number, config: completeConfig(shape, values), gap }
}

const notConfigured = ({ pluginId }: Configured, { path, reason }: ConfigProblem) =>
  fail('plugin_not_configured', { plugin: pluginId, key: path, reason })
