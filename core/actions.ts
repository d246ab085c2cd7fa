import { fail } from './errors.ts'
import { confirmConsent } from './flow/confirmConsent.ts'
import { answerActivation } from './flow/gate/answerActivation.ts'
import { gateAudience, type Audience } from './flow/gate/audience.ts'
import { createProposals } from './flow/propose.ts'
import { recordConsent, type RecordedConsent } from './flow/recordConsent.ts'
import { setJurisdiction } from './flow/setJurisdiction.ts'
import { readPackage } from './host/package.ts'
import { readPacked } from './host/unpack.ts'
import type { ActivationAnswer, Proposal } from './model/activation.ts'
import type { ConsentInput } from './model/consent.ts'
import type { Identifier } from './model/identifier.ts'
import type { Slateboard } from './open.ts'
import { configurePlugin, rollbackPluginConfig } from './plugin/configure.ts'
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
    input: { subject: Identifier; proposal: Proposal },
  ): Promise<{ profileId: string; id: string }>
  /** A person's word on a held activation. */
  answer(reader: Reader, key: RowKey, answer: ActivationAnswer): Promise<void>
  gateAudience(reader: Reader, proposal: Proposal): Promise<Audience>
  installPlugin(
    reader: Reader,
    origin: { path: string } | { package: Uint8Array },
  ): Promise<{ agents: string[] }>
  removePlugin(reader: Reader, pluginId: string): Promise<void>
  /** Both count on this node once they answer. */
  configurePlugin(reader: Reader, input: unknown): Promise<void>
  rollbackPluginConfig(reader: Reader, input: unknown): Promise<void>
  simulatePolicy(reader: Reader, input: unknown): Promise<string>
  cancelSimulation(reader: Reader, id: string): Promise<boolean>
}

export function createActions(app: Slateboard): Actions {
  const { board, intake, policies, definitions, channels, registry } = app
  const gate = { board, policies, definitions, channels, crew: registry }
  const propose = createProposals(gate)
  const one = createQueue()
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
    propose(reader, { subject, proposal }) {
      demand(reader, 'propose', 'Activation')
      const { workspaceId, id } = reader.principal
      return propose(workspaceId, id, subject, proposal)
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
    async installPlugin(reader, origin) {
      demand(reader, 'administer', 'Plugin')
      const pkg = await ('path' in origin ? readPackage(origin.path) : readPacked(origin.package))
      const { workspaceId, id } = reader.principal
      await registry.install(workspaceId, pkg, `principal:${id}`)
      const { id: plugin, agents } = pkg.manifest
      const missing = agents.find((agent) => !registry.find(workspaceId, `${plugin}/${agent.id}`))
      if (missing)
        throw fail('plugin_load_failed', { plugin, reason: 'it was stored and does not start' })
      return { agents: agents.map((agent) => `${plugin}/${agent.id}`) }
    },
    async configurePlugin(reader, input) {
      await configurePlugin(reader, input)
      await app.configs.refresh(registry.all())
    },
    async rollbackPluginConfig(reader, input) {
      await rollbackPluginConfig(reader, input)
      await app.configs.refresh(registry.all())
    },
    async removePlugin(reader, pluginId) {
      demand(reader, 'administer', 'Plugin')
      const { workspaceId, id } = reader.principal
      await registry.remove(workspaceId, pluginId, `principal:${id}`)
    },
  }
}

/** One after the other: each of these reads every profile, on two connections. */
function createQueue() {
  let last: Promise<unknown> = Promise.resolve()
  return <T>(work: () => Promise<T>): Promise<T> => {
    const next = last.then(work, work)
    last = next
    return next
  }
}
