/**
 * The one-way path of data, as a table of contents:
 *
 *   ingest    a batch of calls, each item checked on its own, requests grouped into one commit (ingest/)
 *   resolve   identifiers and edges to profiles (resolve.ts)
 *   project   statements to traits (project.ts)
 *   notice    change log and agenda rows, in the same transaction (notice.ts)
 *   react     agents run on claimed batches, effects commit together (react/)
 *             what they fetch meanwhile leaves through the host, decided like an activation (core/egress/)
 *   gate      each proposed activation is decided, every check recorded (gate/)
 *   dispatch  decided again under the lock shared with withdrawal, then sent (dispatch/)
 *   follow    what a refusal or a right means for those who were sent something goes after it (followUp/)
 *   record    everything on the audit chain (record.ts), signed once a minute (checkpoint.ts)
 *
 * Beside it, agents are woken by the clock (schedule.ts), what they announced is carried out or not (intents.ts), what came into force without its approvals ends in time (core/policy/expirePolicies.ts), and what
 * was classified as personal after it was stored goes to the vault (core/trait/sealOpenValues.ts), what plugins
 * remember is brought to the version of an upgrade (core/plugin/migrateStates.ts), what a purged plugin left is
 * deleted (core/plugin/continuePurge.ts), performers do the tasks of objectives (core/objective/), what was settled long ago
 * between agents is forgotten (core/trait/dropConflicts.ts), and requests of data subjects that are late are told of
 * (core/subject/watchDeadlines.ts).
 *
 * The database is authoritative for everything. Steps wake each other by signals in the process and find
 * what they missed by polling; killing a process at any moment loses nothing that was acknowledged.
 */
import type { ActivePolicies } from '../activePolicies.ts'
import type { Board } from '../board.ts'
import type { Egress } from '../egress/egress.ts'
import type { Configs } from '../host/configs.ts'
import type { PluginHost } from '../host/host.ts'
import type { Registry } from '../host/registry.ts'
import { concludeObjectives } from '../objective/conclude.ts'
import { performTasks } from '../objective/performTasks.ts'
import { continuePurge } from '../plugin/continuePurge.ts'
import { expirePolicies } from '../policy/expirePolicies.ts'
import { migrateStates } from '../plugin/migrateStates.ts'
import { watchDeadlines } from '../subject/watchDeadlines.ts'
import { dropConflicts } from '../trait/dropConflicts.ts'
import { sealOpenValues } from '../trait/sealOpenValues.ts'
import type { Channels } from './channel/channel.ts'
import { checkpointAudit } from './checkpoint.ts'
import type { DefinitionCache } from './definitions.ts'
import { createDispatcher } from './dispatch/dispatcher.ts'
import { createFollower } from './followUp/deliver.ts'
import type { GateDeps } from './gate/assemble.ts'
import { decideProposed } from './gate/gate.ts'
import { createRealignment } from './realign.ts'
import { createPermissions } from './react/permission.ts'
import { startWorker, workerDefaults, type Worker, type WorkerOptions } from './react/worker.ts'
import type { Weights } from './react/weights.ts'
import { chainAudit, chainBatchMax } from './record.ts'
import { closeIntents } from './intents.ts'
import { runSchedules } from './schedule.ts'
import { tellObjectives } from './tellObjectives.ts'
import { repeat, type Repeating } from './repeat.ts'
import { repeatFlying } from './repeatFlying.ts'

export interface FlowParts {
  board: Board
  host: PluginHost
  registry: Registry
  configs: Configs
  weights: Weights
  policies: ActivePolicies
  definitions: DefinitionCache
  channels: Channels
  egress: Egress
}

export interface Flow extends AsyncDisposable {
  readonly worker: Worker
  /** Resolves when nothing is pending that could run now. For tests and the demo. */
  idle(): Promise<void>
}

const pollMs = 500
/** How far the signed part of the audit log may lag behind the chain. */
const checkpointMs = 60_000
const deadlinePollMs = 60_000
/** Windows are of 100 ms and more. */
const intentPollMs = 250
/** What is to be forgotten has months of time. */
const dropPollMs = 3_600_000
/** Schedules are of minutes. */
const wakePollMs = 1000
/** While something of before a change is left, that is looked at so often. */
const lookRest = { ms: 100, below: Number.POSITIVE_INFINITY }
/** Entries that wait are as safe in the inbox as on the chain, and cheaper to move together. */
const chainRest = { ms: 50, below: chainBatchMax }

/** Starts the steps that work on their own: react, gate, dispatch and record. Disposing drains them. */
export function startFlow(parts: FlowParts, options: Partial<WorkerOptions> = {}): Flow {
  const { board, host, registry, configs, weights, policies, definitions, channels, egress } = parts
  const { signals, log, clock, db } = board
  const leaseMs = options.leaseMs ?? workerDefaults.leaseMs
  const owner = clock.id()
  const gateDeps: GateDeps = { board, policies, definitions, channels, crew: registry }
  const worker = startWorker(
    { board, host, egress, owner, configs, permissions: createPermissions(policies, definitions) },
    {
      all: () => configs.ready(registry.all()),
      find: (workspace, name, profile) => registry.find(workspace, name, profile),
      weightOf: (agent) => weights.of(agent),
    },
    // One connection runs one statement at a time: more batches would only wait in line.
    { ...workerDefaults, ...(db.maxConnections === 1 ? { batchesMax: 2 } : {}), ...options },
  )
  const gate = repeat('gate', pollMs, log, () => decideProposed(gateDeps))
  const outward = { ...gateDeps, owner, leaseMs }
  const dispatch = repeatFlying('dispatch', pollMs, log, createDispatcher(outward))
  const follow = repeatFlying('follow', pollMs, log, createFollower(outward))
  const record = repeat('record', pollMs, log, () => chainAudit(board), chainRest)
  const { jobs, deafenJobs } = startJobs(parts, owner)
  const { look } = createRealignment(board)
  const realign = repeat('realign', wakePollMs, log, look, lookRest)
  const watches = [realign, ...startWatches(board)]
  const deafen = [
    signals.on('proposed', gate.rouse),
    signals.on('approved', dispatch.rouse),
    signals.on('followUp', follow.rouse),
    signals.on('audit', record.rouse),
    ...deafenJobs,
    signals.on('policy', realign.rouse),
    signals.on('plugin', realign.rouse),
  ]
  return {
    worker,
    async idle() {
      // What one step leaves is the next one's work, and a dispatch may wake agents again.
      for (let round = 0; round < 2; round += 1) {
        for (const step of [...jobs, worker, gate, dispatch, follow, record]) await step.idle()
      }
    },
    async [Symbol.asyncDispose]() {
      for (const stop of deafen) stop()
      // Reactions that wait for the outside would hold up the stop.
      egress.stop()
      // The worker gives back all that stands under its name, so what is being sent must be through by then.
      for (const step of [...jobs, ...watches, gate, dispatch, follow])
        await step[Symbol.asyncDispose]()
      await worker[Symbol.asyncDispose]()
      await record[Symbol.asyncDispose]()
    },
  }
}

/** What nobody waits for. */
function startWatches(board: Board): Repeating[] {
  const { log } = board
  return [
    repeat('policies', pollMs, log, () => expirePolicies(board)),
    repeat('conflicts', dropPollMs, log, () => dropConflicts(board)),
    // Nobody is a minute late for a month, so a minute's delay in noticing is none.
    repeat('deadlines', deadlinePollMs, log, () => watchDeadlines(board)),
    // Not again at once: what comes in the meantime can wait for the next minute.
    repeat('checkpoint', checkpointMs, log, async () => {
      await checkpointAudit(board)
      return 0
    }),
  ]
}

/** What works through what others left on the blackboard, and what rouses it. */
function startJobs(
  parts: FlowParts,
  owner: string,
): { jobs: Repeating[]; deafenJobs: (() => void)[] } {
  const { board, host, registry, configs } = parts
  const { log, signals } = board
  const seal = repeat('seal', pollMs, log, () => sealOpenValues(board))
  const migrate = repeat('state', pollMs, log, () => migrateStates(parts))
  const purge = repeat('purge', pollMs, log, () => continuePurge(board))
  const task = repeat('task', pollMs, log, () =>
    performTasks({ board, host, registry, configs, owner }, Math.random),
  )
  const conclude = repeat('objective', pollMs, log, () => concludeObjectives(board))
  const wake = repeat('wake', wakePollMs, log, () => runSchedules(board))
  const tell = repeat('tell', pollMs, log, () => tellObjectives(board))
  const intents = repeat('intents', intentPollMs, log, () => closeIntents(board))
  const jobs = [seal, migrate, purge, wake, task, conclude, tell, intents]
  const deafenJobs = [
    signals.on('trait', seal.rouse),
    signals.on('intent', intents.rouse),
    signals.on('plugin', migrate.rouse),
    signals.on('plugin', purge.rouse),
    signals.on('task', task.rouse),
    signals.on('task', conclude.rouse),
    signals.on('task', tell.rouse),
    signals.on('plugin', task.rouse),
  ]
  return { jobs, deafenJobs }
}
