import { listActivePlugins } from '../blackboard/query/listActivePlugins.ts'
import { fail } from './errors.ts'
import { confirmConsent } from './flow/confirmConsent.ts'
import { answerActivation } from './flow/gate/answerActivation.ts'
import { gateAudience, type Audience } from './flow/gate/audience.ts'
import { createProposals } from './flow/propose.ts'
import { recordConsent, type RecordedConsent } from './flow/recordConsent.ts'
import { setJurisdiction } from './flow/setJurisdiction.ts'
import type { Registry, VersionPhase } from './host/registry.ts'
import type { ActivationAnswer, Proposal } from './model/activation.ts'
import type { ConsentInput } from './model/consent.ts'
import type { Identifier } from './model/identifier.ts'
import type { Trace } from './model/trace.ts'
import type { Slateboard } from './open.ts'
import { configurePlugin, rollbackPluginConfig } from './plugin/configure.ts'
import { approvePlugin } from './plugin/approvePlugin.ts'
import { inspectPlugin, type Inspection } from './plugin/inspectPlugin.ts'
import { installPlugin } from './plugin/installPlugin.ts'
import { nodeHealthOf, type NodeHealth } from './plugin/nodeHealth.ts'
import type { Origin } from './plugin/origin.ts'
import { pausePlugin } from './plugin/pausePlugin.ts'
import { promotePlugin } from './plugin/promotePlugin.ts'
import { purgePlugin } from './plugin/purgePlugin.ts'
import { rehearsePlugin, type Rehearsal } from './plugin/rehearse/rehearsePlugin.ts'
import { removePlugin, type Holdings } from './plugin/removePlugin.ts'
import { releasePlugin, resumePlugin } from './plugin/resumePlugin.ts'
import { rollbackPlugin } from './plugin/rollbackPlugin.ts'
import { setPluginShare } from './plugin/setPluginShare.ts'
import { findActivations } from './read/listActivations.ts'
import { demand, type Reader } from './read/reader.ts'
import type { RowKey } from './read/visibility.ts'

/** What callers may set in motion; each is refused with `forbidden` unless the policy lets the caller. */
export interface Actions {
  recordConsent(reader: Reader, input: ConsentInput): Promise<RecordedConsent>
  confirmConsent(reader: Reader, token: string): Promise<RecordedConsent>
  setJurisdiction(
    reader: Reader,
    input: { subject: Identifier; jurisdiction: string | null },
  ): Promise<{ profileId: string }>
  propose(
    reader: Reader,
    input: { subject: Identifier; proposal: Proposal; trace?: Trace | undefined },
  ): Promise<{ profileId: string; id: string }>
  /** A person's word on a held activation. */
  answer(reader: Reader, key: RowKey, answer: ActivationAnswer): Promise<void>
  gateAudience(reader: Reader, proposal: Proposal): Promise<Audience>
  inspectPlugin(reader: Reader, origin: Origin): Promise<Inspection>
  /** @param input `{ canary }` to try it on a share of the profiles */
  installPlugin(reader: Reader, origin: Origin, input?: unknown): Promise<InstalledPlugin>
  approvePlugin(reader: Reader, input: unknown): Promise<InstalledPlugin>
  /** @param origin the package; null where a version that waits is meant */
  rehearsePlugin(reader: Reader, input: unknown, origin: Origin | null): Promise<Rehearsal>
  setPluginShare(reader: Reader, input: unknown): Promise<string>
  promotePlugin(reader: Reader, input: unknown): Promise<string>
  rollbackPlugin(reader: Reader, input: unknown): Promise<string>
  pausePlugin(reader: Reader, input: unknown): Promise<string>
  resumePlugin(reader: Reader, input: unknown): Promise<string>
  releasePlugin(reader: Reader, input: unknown): Promise<string>
  removePlugin(reader: Reader, input: unknown): Promise<{ plugin: string; kept: Holdings }>
  purgePlugin(reader: Reader, input: unknown): Promise<{ plugin: string; deletes: Holdings }>
  /** Both count on this node once they answer. */
  configurePlugin(reader: Reader, input: unknown): Promise<void>
  rollbackPluginConfig(reader: Reader, input: unknown): Promise<void>
  /** What this node does with versions of the reader's plugins at the moment. */
  phasesOf(reader: Reader): readonly VersionPhase[]
  /** What this node knows of how a plugin fares. */
  nodeHealthOf(reader: Reader, plugin: string): NodeHealth
  simulatePolicy(reader: Reader, input: unknown): Promise<string>
  cancelSimulation(reader: Reader, id: string): Promise<boolean>
}

/** A plugin that was installed or asked for. */
export interface InstalledPlugin {
  plugin: string
  /** Names of the agents and performers that run by now, as `plugin/agent`; none while it waits or is paused. */
  agents: string[]
  /** What it was held against; absent where nothing was asked any more. */
  inspection?: Inspection
}

export function createActions(app: Slateboard): Actions {
  const { board, intake, policies, definitions, channels, registry } = app
  const gate = { board, policies, definitions, channels, crew: registry }
  const propose = createProposals(gate)
  const one = createQueue()
  const rehearsals = createQueue()
  return {
    simulatePolicy: (reader, input) => app.simulations.start(reader, input),
    cancelSimulation: (reader, id) => app.simulations.cancel(reader, id),
    recordConsent(reader, input) {
      demand(reader, 'record', 'Consent')
      const { workspaceId, id } = reader.principal
      return recordConsent(board, intake, workspaceId, `principal:${id}`, input)
    },
    confirmConsent(reader, token) {
      demand(reader, 'record', 'Consent')
      return confirmConsent(board, reader.principal.workspaceId, token)
    },
    setJurisdiction(reader, input) {
      demand(reader, 'record', 'Consent')
      const { workspaceId, id } = reader.principal
      return setJurisdiction(board, workspaceId, `principal:${id}`, input)
    },
    propose(reader, { subject, proposal, trace }) {
      demand(reader, 'propose', 'Activation')
      const { workspaceId, id } = reader.principal
      return propose(workspaceId, id, subject, proposal, trace)
    },
    async answer(reader, key, answer) {
      demand(reader, 'approve', 'Activation')
      const [found] = await findActivations(reader, [key])
      if (!found) throw fail('not_found', { what: 'activation' })
      const { workspaceId, id } = reader.principal
      await answerActivation(gate, workspaceId, id, key, answer)
    },
    gateAudience(reader, proposal) {
      demand(reader, 'propose', 'Activation')
      const { workspaceId, id, role, name } = reader.principal
      const proposer = { proposerKind: 'principal', proposerId: id, role, name } as const
      return one(() => gateAudience(gate, workspaceId, proposer, proposal))
    },
    async configurePlugin(reader, input) {
      await configurePlugin(reader, input)
      await app.configs.refresh([...registry.all(), ...registry.performers()])
    },
    async rollbackPluginConfig(reader, input) {
      await rollbackPluginConfig(reader, input)
      await app.configs.refresh([...registry.all(), ...registry.performers()])
    },
    rehearsePlugin: (reader, input, origin) =>
      rehearsals(() => rehearsePlugin(app, reader, input, origin)),
    nodeHealthOf: (reader, plugin) => nodeHealthOf(app, reader, plugin),
    ...pluginActions(registry),
  }
}

type PluginActions = Pick<
  Actions,
  | 'inspectPlugin'
  | 'installPlugin'
  | 'approvePlugin'
  | 'setPluginShare'
  | 'promotePlugin'
  | 'rollbackPlugin'
  | 'pausePlugin'
  | 'resumePlugin'
  | 'releasePlugin'
  | 'removePlugin'
  | 'purgePlugin'
  | 'phasesOf'
>

function pluginActions(registry: Registry): PluginActions {
  return {
    inspectPlugin,
    async installPlugin(reader, origin, input) {
      const inspection = await installPlugin(reader, registry, origin, input)
      const { id: plugin } = inspection.pkg.manifest
      if (inspection.reasons.length > 0) return { plugin, agents: [], inspection }
      return { plugin, agents: await running(reader, registry, plugin), inspection }
    },
    async approvePlugin(reader, input) {
      const plugin = await approvePlugin(reader, registry, input)
      return { plugin, agents: await running(reader, registry, plugin) }
    },
    setPluginShare: (reader, input) => setPluginShare(reader, registry, input),
    promotePlugin: (reader, input) => promotePlugin(reader, registry, input),
    rollbackPlugin: (reader, input) => rollbackPlugin(reader, registry, input),
    pausePlugin: (reader, input) => pausePlugin(reader, registry, input),
    resumePlugin: (reader, input) => resumePlugin(reader, registry, input),
    releasePlugin: (reader, input) => releasePlugin(reader, registry, input),
    removePlugin: (reader, input) => removePlugin(reader, registry, input),
    purgePlugin: (reader, input) => purgePlugin(reader, registry, input),
    phasesOf: (reader) => registry.phases(reader.principal.workspaceId),
  }
}

/** The agents and performers of a plugin that run on this node. @throws plugin_load_failed when it is to run and does not */
async function running(
  { board, principal: { workspaceId } }: Reader,
  registry: Registry,
  plugin: string,
): Promise<string[]> {
  const members = [...registry.all(), ...registry.performers()]
  const names = members
    .filter((each) => each.workspaceId === workspaceId && each.pluginId === plugin)
    .map(({ name }) => name)
  // A version that is tried beside the one in service has agents of the same names.
  if (names.length > 0) return [...new Set(names)]
  const active = await listActivePlugins(board.db.sql, {})
  const isWanted = active.some((row) => row.workspaceId === workspaceId && row.id === plugin)
  if (!isWanted) return []
  throw fail('plugin_load_failed', { plugin, reason: 'it was stored and does not start' })
}

/** One after the other: each of these reads every profile on two connections, or keeps a process busy. */
function createQueue() {
  let last: Promise<unknown> = Promise.resolve()
  return <T>(work: () => Promise<T>): Promise<T> => {
    const next = last.then(work, work)
    last = next
    return next
  }
}
