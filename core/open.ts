import type { Logger } from 'pino'
import type { Database } from '../blackboard/connect.ts'
import { ensurePartitions } from '../blackboard/query/ensurePartitions.ts'
import { openWalled, testWall } from '../blackboard/wall.ts'
import { createActivePolicies, type ActivePolicies } from './activePolicies.ts'
import type { Board } from './board.ts'
import { systemClock, type Clock } from './clock.ts'
import { createEgress, type Egress, type EgressOptions } from './egress/egress.ts'
import { createChannels, type ChannelOptions, type Channels } from './flow/channel/channel.ts'
import { createDefinitionCache, type DefinitionCache } from './flow/definitions.ts'
import { startFlow, type Flow } from './flow/flow.ts'
import { watchPressure, type Pressure } from './flow/ingest/pressure.ts'
import { createIntake, type Intake } from './flow/ingest/intake.ts'
import { repeat } from './flow/repeat.ts'
import { createWeights, type Weights } from './flow/react/weights.ts'
import type { WorkerOptions } from './flow/react/worker.ts'
import { createConfigs, type Configs } from './host/configs.ts'
import { createHost, type PluginHost } from './host/host.ts'
import { pluginOfKey } from './host/hostKey.ts'
import { createRegistry, type Registry } from './host/registry.ts'
import type { SecretSource } from './egress/secrets.ts'
import { createSecretSource } from './plugin/secretSource.ts'
import { createSimulations, type Simulations } from './policy/simulate/simulations.ts'
import { fitPlugins } from './plugin/fitPlugins.ts'
import { PluginLines } from './plugin/lines.ts'
import { createPluginMeter, type PluginMeter } from './plugin/meter.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import type { TracingConfig } from './config.ts'
import type { DataClass } from './model/trait.ts'
import { createObservations, type Observations } from './processing/observe.ts'
import { relaySignals } from './relay.ts'
import { eraseRisen } from './subject/restore.ts'
import { seedWorkspace } from './seed.ts'
import { createSignals } from './signal.ts'
import { openTracing } from './tracing/openTracing.ts'
import { trouble } from './trouble.ts'
import {
  createOpenDsr,
  openDsrDefaults,
  type OpenDsr,
  type OpenDsrOptions,
} from './subject/openDsr/openDsr.ts'
import { openVault } from './vault.ts'

export const engineVersion = '0.1.0'
/** The workspace that exists from the first start. */
export const firstWorkspace = 'main'

/** How long a plugin that another node installed may be missing here. */
const pluginPollMs = 1000

/** Partitions are made two months ahead, so this only has to come round more often than that. */
const partitionPollMs = 6 * 3_600_000
const agendaMaxDefault = 1_000_000

async function makePartitions({ db, clock, log }: Board): Promise<number> {
  const late = await ensurePartitions(db.sql, { now: clock.now().toISOString() })
  if (late.length > 0)
    log.warn(
      { late: late.map((row) => row.late) },
      'rows of these months stay in the default partition',
    )
  return 0
}

/** A backup may have been restored: whom it brought back is erased before anybody reads or works on it. */
async function buryAgain(board: Board, workspaceId: number): Promise<void> {
  try {
    const persons = await eraseRisen(board, workspaceId)
    if (persons > 0)
      board.log.warn({ persons }, 'erased persons had come back and were erased again')
  } catch (thrown) {
    board.log.error(
      trouble(thrown),
      'persons who were erased have come back and could not be erased',
    )
  }
}

export interface OpenOptions {
  /** Migrated, opened and owned by the caller when given; else opened from the two below. */
  db?: Database
  databaseUrl?: string | undefined
  dataDir?: string
  masterKey: Buffer
  log: Logger
  channels: ChannelOptions
  clock?: Clock
  /** False leaves react, gate, dispatch and record to another process. */
  works?: boolean
  worker?: Partial<WorkerOptions>
  /** Processes that plugins run in. */
  cells?: number
  /** Plugins that were not called for so long are unloaded until their next call; default 10 minutes. */
  pluginIdleMs?: number
  /** Digests of the plugin versions that may run inside this process; default none. */
  trustedPlugins?: readonly string[]
  /** Reactions of one workspace that may wait before its events are turned away. */
  agendaMax?: number
  /** Where traces go; nowhere when left out. */
  tracing?: TracingConfig | undefined
  openDsr?: Partial<OpenDsrOptions>
  /** Secrets of plugins; those that operators set when left out. */
  secrets?: SecretSource
  /** What tests need of the way out, such as a certificate authority. */
  egress?: Pick<EgressOptions, 'ca' | 'lookup' | 'limits'>
}

/** Everything below the API, wired together. Disposing closes it in reverse and drains what runs. */
export interface Slateboard extends AsyncDisposable {
  board: Board
  workspaceId: number
  intake: Intake
  pressure: Pressure
  policies: ActivePolicies
  definitions: DefinitionCache
  registry: Registry
  host: PluginHost
  /** What is set for plugins. */
  configs: Configs
  weights: Weights
  secrets: SecretSource
  channels: Channels
  egress: Egress
  metrics: Metrics
  simulations: Simulations
  openDsr: OpenDsr
  observations: Observations
  meter: PluginMeter
  /** What plugins wrote on this node. */
  lines: PluginLines
  /** Undefined when this process only serves the API. */
  flow: Flow | undefined
}

/** Without a policy nothing may be read, and what comes in is kept as by default. */
const unknownClassOf =
  (policies: ActivePolicies) =>
  async (workspaceId: number): Promise<DataClass> => {
    const active = await policies.of(workspaceId).catch(() => undefined)
    return active?.policy.document.unknownTraits ?? 'pseudonymous'
  }

function openHost(
  { cells, pluginIdleMs, trustedPlugins = [] }: OpenOptions,
  { clock, log, signals }: Board,
  lines: PluginLines,
): PluginHost {
  return createHost({
    clock,
    isFirstParty: ({ digest }) => trustedPlugins.includes(digest),
    spent(key, agent, ms) {
      const of = pluginOfKey(key)
      if (of) signals.count({ what: 'cpu', agent: `${of.plugin}/${agent}`, ms })
    },
    log(entry) {
      const { level, message, plugin, agent } = entry
      log[level]({ plugin, agent }, message)
      lines.keep(entry)
    },
    ...(cells === undefined ? {} : { cells }),
    ...(pluginIdleMs === undefined ? {} : { idleMs: pluginIdleMs }),
  })
}

/** Plugins reach what webhooks may reach. */
function egressOptions({ egress, channels }: OpenOptions, secrets: SecretSource): EgressOptions {
  const { allowPrivate, allowHosts = [] } = channels.webhook
  return { ...egress, secrets, allowPrivate, allowHosts }
}

/** What other nodes did with plugins, and what was set for them there. */
async function learnPlugins({
  registry,
  configs,
  weights,
}: Pick<Slateboard, 'registry' | 'configs' | 'weights'>): Promise<number> {
  await registry.refresh()
  await configs.refresh([...registry.all(), ...registry.performers()])
  await weights.refresh()
  return 0
}

export async function openSlateboard(options: OpenOptions): Promise<Slateboard> {
  await using stack = new AsyncDisposableStack()
  const { log, clock = systemClock() } = options
  const { databaseUrl, dataDir = 'memory' } = options
  const db = options.db ?? stack.use(await openWalled({ databaseUrl, dataDir, log }))
  const vault = openVault(options.masterKey)
  const tracing = stack.use(await openTracing(options.tracing, engineVersion, log))
  const signals = createSignals()
  const board: Board = { db, clock, vault, log, signals, tracing, engine: engineVersion }
  await makePartitions(board)
  stack.use(repeat('partitions', partitionPollMs, log, () => makePartitions(board)))
  const workspaceId = await seedWorkspace(board, firstWorkspace)
  await testWall(db)
  const metrics = createMetrics(board)
  const observations = stack.use(createObservations(board))
  const policies = createActivePolicies(board, (where, thrown) => {
    metrics.policyErrors.inc()
    log.error({ where, ...trouble(thrown) }, 'a policy rule failed; the answer was a refusal')
  })
  const definitions = createDefinitionCache(board, unknownClassOf(policies))
  const intake = createIntake(board, definitions)
  const pressure = stack.use(watchPressure(board, options.agendaMax ?? agendaMaxDefault))
  stack.defer(() => intake.drain())
  const channels = stack.use(createChannels(options.channels, board))
  const lines = new PluginLines()
  const host = stack.use(openHost(options, board, lines))
  const configs = createConfigs(board)
  const weights = createWeights(board)
  const registry = createRegistry(board, host, (id) => definitions.forget(id), configs)
  const secrets = options.secrets ?? createSecretSource(board)
  const gateDeps = { board, policies, definitions, channels, crew: registry }
  const egress = stack.use(createEgress(gateDeps, egressOptions(options, secrets)))
  const parts = { board, host, registry, configs, weights, policies, definitions, channels, egress }
  await fitPlugins(board)
  await registry.refresh()
  const plugins = stack.use(repeat('plugins', pluginPollMs, log, () => learnPlugins(parts)))
  stack.defer(board.signals.on('plugin', plugins.rouse))
  stack.use(await relaySignals(db, board.signals, clock.id(), log))
  const meter = stack.use(createPluginMeter(board, registry, lines, host))
  metrics.watchPlugins(meter, host)
  const simulations = stack.use(createSimulations({ ...parts, crew: registry }))
  await buryAgain(board, workspaceId)
  const works = options.works !== false
  const dsr = { ...openDsrDefaults, ...options.openDsr }
  const { webhook } = options.channels
  const openDsr = stack.use(createOpenDsr(board, workspaceId, dsr, webhook, works))
  const flow = works ? stack.use(startFlow(parts, options.worker)) : undefined
  if (flow) metrics.watchWorker(flow.worker)
  const held = stack.move()
  return {
    ...parts,
    secrets,
    workspaceId,
    intake,
    pressure,
    metrics,
    simulations,
    openDsr,
    observations,
    meter,
    lines,
    flow,
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  }
}
