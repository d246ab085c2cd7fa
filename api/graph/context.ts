import type { Confirmation, Consent, ConsentInput } from '../../core/model/consent.ts'
import type { Identifier } from '../../core/model/identifier.ts'
import type { Trace } from '../../core/model/trace.ts'
import type { ActivationAnswer, Proposal } from '../../core/model/activation.ts'
import type { Audience } from '../../core/flow/gate/audience.ts'
import type { InstalledPlugin } from '../../core/actions.ts'
import type { VersionPhase } from '../../core/host/registry.ts'
import type { Inspection } from '../../core/plugin/inspectPlugin.ts'
import type { NodeHealth } from '../../core/plugin/nodeHealth.ts'
import type { Origin } from '../../core/plugin/origin.ts'
import type { Rehearsal } from '../../core/plugin/rehearse/rehearsePlugin.ts'
import type { Holdings } from '../../core/plugin/removePlugin.ts'
import type { Reader } from '../../core/read/reader.ts'
import type { RowKey } from '../../core/read/visibility.ts'

/** A word as it was written; with what confirms it where it does not count yet. */
export interface RecordedWord extends Consent {
  confirmation: Confirmation | null
}

/**
 * What the API sets in motion; the steps of the flow and the plugin host do it. Each takes the caller
 * first and refuses with `forbidden` on its own: the API only carries the request there.
 */
export interface Actions {
  /** Refuses an unknown subject with `unknown_subject`. */
  recordConsent(reader: Reader, input: ConsentInput): Promise<RecordedWord>
  /** Refuses a token for which nothing waits with `confirmation_unknown`. */
  confirmConsent(reader: Reader, token: string): Promise<RecordedWord>
  /** Refuses an unknown subject with `unknown_subject`. */
  setJurisdiction(
    reader: Reader,
    input: { subject: Identifier; jurisdiction: string | null },
  ): Promise<{ profileId: string }>
  /** Puts an activation before the gate and answers before it decides. */
  propose(
    reader: Reader,
    input: { subject: Identifier; proposal: Proposal; trace: Trace | undefined },
  ): Promise<RowKey>
  /** A person's word on a held activation; answers once the gate has decided again. */
  answer(reader: Reader, key: RowKey, answer: ActivationAnswer): Promise<void>
  /** What the gate would say of everybody. */
  gateAudience(reader: Reader, proposal: Proposal): Promise<Audience>
  /** Stores nothing. */
  inspectPlugin(reader: Reader, origin: Origin): Promise<Inspection>
  /** What it brought runs, with a `canary` share on so many percent of the profiles; or it waits for approval. */
  installPlugin(reader: Reader, origin: Origin, input: unknown): Promise<InstalledPlugin>
  approvePlugin(reader: Reader, input: unknown): Promise<InstalledPlugin>
  /** Commits nothing; of a version that waits where no package is given. */
  rehearsePlugin(reader: Reader, input: unknown, origin: Origin | null): Promise<Rehearsal>
  setPluginShare(reader: Reader, input: unknown): Promise<string>
  promotePlugin(reader: Reader, input: unknown): Promise<string>
  /** A step back; refused with `plugin_no_previous` where there is none. */
  rollbackPlugin(reader: Reader, input: unknown): Promise<string>
  pausePlugin(reader: Reader, input: unknown): Promise<string>
  resumePlugin(reader: Reader, input: unknown): Promise<string>
  releasePlugin(reader: Reader, input: unknown): Promise<string>
  /** Refuses one that is not installed with `plugin_not_found`. */
  removePlugin(reader: Reader, input: unknown): Promise<{ plugin: string; kept: Holdings }>
  purgePlugin(reader: Reader, input: unknown): Promise<{ plugin: string; deletes: Holdings }>
  /** Sets values and secrets; they count on this node once it answers. */
  configurePlugin(reader: Reader, input: unknown): Promise<void>
  rollbackPluginConfig(reader: Reader, input: unknown): Promise<void>
  /** What the node that answers does with versions of plugins at the moment. */
  phasesOf(reader: Reader): readonly VersionPhase[]
  /** What the node that answers knows of how a plugin fares. */
  nodeHealthOf(reader: Reader, plugin: string): NodeHealth
  /** Gives the id of a simulation that has begun; see core/policy/simulate. */
  simulatePolicy(reader: Reader, input: unknown): Promise<string>
  /** False when it had ended. */
  cancelSimulation(reader: Reader, id: string): Promise<boolean>
}

/** What every resolver is given. */
export interface GraphContext {
  reader: Reader
  actions: Actions
  requestId: string
  /** What the caller says that the request is part of. */
  trace: Trace | undefined
  /** The caller under today's policy; undefined once its key was revoked. */
  renew(): Promise<Reader | undefined>
  /** Aborts when the client goes away. */
  signal: AbortSignal
}
