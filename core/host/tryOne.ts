/** One call of one agent on an input that its author wrote by hand: in trials and in the author's kit. */
import { HandleBook } from '../egress/handle.ts'
import { fail } from '../errors.ts'
import type { Json, JsonObject } from '../model/json.ts'
import { stateOf, type AgentManifest, type Manifest } from '../model/manifest.ts'
import { completeConfig, configProblem, shapeOf, type ConfigShape } from '../model/pluginConfig.ts'
import type { Cause, ReactInput, TraitView } from './contract.ts'
import { preconditionOf, shownTo, staleNeed } from './precondition.ts'
import { matcher } from '../model/match.ts'
import type { PluginHost } from './host.ts'
import type { CheckedOutcome } from './outcome.ts'
import { trialCalls, type TrialFetch } from './trialCalls.ts'

/** One call in a trial; what is left out gets a plain default. */
export interface TrialInput {
  /** Values by key; give a whole TraitView (with `writtenAt`) where confidence or time matter. */
  traits?: Record<string, Json | TraitView>
  /** Default: one manual cause. */
  causes?: Cause[]
  /** ISO 8601; default 2026-01-01T00:00:00.000Z, so that a test says the same every day. */
  now?: string
  profileId?: string
  /** What the plugin remembers. */
  state?: { profile?: JsonObject; plugin?: JsonObject }
  /** Values of the config; defaults are filled in, as in production. */
  config?: JsonObject
}

/** The plugin that is called, and where it is loaded. */
export interface Tried {
  host: PluginHost
  key: string
  manifest: Manifest
}

/**
 * One call on a plugin that the host has loaded under `key`, with the checks of production.
 *
 * Where production would not call it, since its precondition does not hold or what it needs is not fresh, that is the
 * reason of a cancellation.
 *
 * @throws what production would record, and `trial_input_undeclared` for input that the agent would never see
 */
export async function tryOne(
  { host, key, manifest }: Tried,
  agentId: string,
  input: TrialInput,
  fetch?: TrialFetch,
): Promise<CheckedOutcome> {
  const agent = manifest.agents.find(({ id }) => id === agentId)
  if (agent === undefined) throw fail('agent_unknown', { plugin: manifest.id, agent: agentId })
  const shape = shapeOf(manifest.config)
  const excess = undeclaredInput(agent, input) ?? undeclaredMemory(manifest, agent, shape, input)
  if (excess !== undefined) {
    throw fail('trial_input_undeclared', { plugin: manifest.id, agent: agentId, input: excess })
  }
  const problem = manifest.config && configProblem(shape, input.config ?? {})
  if (problem) {
    const { path, reason } = problem
    throw fail('plugin_config_invalid', { plugin: manifest.id, key: path, reason })
  }
  const handles = new HandleBook()
  const given = {
    ...sealed(inputOf(input), agent, handles),
    ...(manifest.config ? { config: completeConfig(shape, input.config ?? {}) } : {}),
    ...(stateOf(manifest, agent)
      ? { state: { profile: input.state?.profile ?? {}, plugin: input.state?.plugin ?? {} } }
      : {}),
  }
  const asleep = whyAsleep(agent, given)
  if (asleep !== undefined) return { kind: 'cancel', reason: asleep }
  const calls = fetch && trialCalls(manifest, given.profile.id, handles, fetch)
  const [outcome] = await host.react(key, agentId, [given], calls)
  if (outcome === undefined) throw fail('internal')
  if (!outcome.ok) throw fail(outcome.code, outcome.values)
  return outcome.outcome
}

/** Why production would not call the agent with that, in the words of a cancellation; undefined where it would. */
function whyAsleep(agent: AgentManifest, input: ReactInput): string | undefined {
  const when = preconditionOf(agent)
  if (when && !matcher(when)(shownTo(input.profile)))
    return 'not called: its precondition does not hold'
  const need = staleNeed(agent, input)
  return need && `not called: it needs ${need.trait}, which is not there or not fresh`
}

function undeclaredMemory(
  manifest: Manifest,
  agent: AgentManifest,
  { properties }: ConfigShape,
  { state, config = {} }: TrialInput,
): string | undefined {
  const declared = stateOf(manifest, agent)
  for (const kind of ['profile', 'plugin'] as const) {
    const key = Object.keys(state?.[kind] ?? {}).find((name) => !declared?.[kind].includes(name))
    if (key !== undefined) return `the ${kind} state ${key}`
  }
  const setting = Object.keys(config).find((name) => !properties.has(name))
  return setting === undefined ? undefined : `the config ${setting}`
}

function undeclaredInput(
  agent: AgentManifest,
  { traits = {}, causes = [] }: TrialInput,
): string | undefined {
  const { reads } = agent
  const visible = new Set([...reads.traits, ...reads.pii])
  const key = Object.keys(traits).find((name) => !visible.has(name))
  if (key !== undefined) return `the trait ${key}`
  for (const cause of causes) {
    if (cause.kind === 'intent' && !isToldOf(agent, cause)) return `the intent ${cause.intent}`
    if (cause.kind !== 'event') continue
    const name = cause.type === 'track' ? cause.name : cause.type
    const seen = new Set([...(reads.events[name] ?? []), ...(reads.events['*'] ?? [])])
    const property = Object.keys(cause.properties).find((given) => !seen.has(given))
    if (property !== undefined) return `the property ${property} of ${name}`
  }
  return undefined
}

/** An announcement of a kind that wakes it, or what became of one of its own. */
const isToldOf = (
  { triggers, announces }: AgentManifest,
  { state, intent }: Extract<Cause, { kind: 'intent' }>,
): boolean =>
  state === 'open'
    ? triggers.intents.some((kind) => kind === intent || kind === '*')
    : announces.some(({ kind }) => kind === intent)

/** The input that an agent is handed, defaults filled in. */
export function inputOf({ traits = {}, causes, now, profileId }: TrialInput): ReactInput {
  const at = now ?? '2026-01-01T00:00:00.000Z'
  return {
    profile: {
      id: profileId ?? 'trial-profile',
      traits: Object.fromEntries(
        Object.entries(traits).map(([key, value]) => [key, viewOf(value, at)]),
      ),
    },
    causes: causes ?? [{ kind: 'manual' }],
    now: at,
  }
}

/** As in production: of personal data the agent is handed a handle. */
function sealed(input: ReactInput, { reads }: AgentManifest, handles: HandleBook): ReactInput {
  const { id: profileId, traits } = input.profile
  const views = Object.entries(traits).map(([key, view]): [string, TraitView] => {
    if (!reads.pii.includes(key)) return [key, view]
    const source = { value: view.value }
    return [key, { ...view, value: handles.issue({ profileId, key, source }) }]
  })
  return { ...input, profile: { id: profileId, traits: Object.fromEntries(views) } }
}

export const isView = (value: Json | TraitView): value is TraitView =>
  typeof value === 'object' &&
  value !== null &&
  'value' in value &&
  'confidence' in value &&
  'writtenAt' in value

function viewOf(value: Json | TraitView, writtenAt: string): TraitView {
  if (isView(value)) return value
  return { value, confidence: 1, author: { kind: 'system', id: 'trial' }, revision: 1, writtenAt }
}
