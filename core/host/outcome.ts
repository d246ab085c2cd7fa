import { z } from 'zod'
import { fail, type ErrorCode, type ErrorValues } from '../errors.ts'
import { proposalSchema, type Proposal } from '../model/activation.ts'
import { intentSchema, vetoSchema } from '../model/intent.ts'
import { intervalSchema } from '../model/interval.ts'
import type { Json, JsonObject } from '../model/json.ts'
import { stateOf, type AgentManifest, type Manifest } from '../model/manifest.ts'
import { stateFlaw, type PluginState } from '../model/pluginState.ts'
import { covers, purposeSchema } from '../model/purpose.ts'
import { traitKeySchema } from '../model/trait.ts'
import { compileTraitSchema, type TraitCheck } from '../model/traitCheck.ts'
import { readTraitSchema } from '../model/traitSchema.ts'
import { depthMax, disarm } from './value.ts'

const dayMs = 86_400_000

// By the time this runs the value came out of JSON.parse and passed `disarm`: it is JSON already.
const jsonValueSchema = z.custom<Json>((value) => value !== undefined, 'a value is missing')

const writeSchema = z
  .strictObject({
    value: jsonValueSchema,
    confidence: z.number().min(0).max(1).default(1),
    interval: intervalSchema.optional(),
  })
  .refine(
    ({ value, interval }) =>
      interval === undefined ||
      (typeof value === 'number' && value >= interval.low && value <= interval.high),
    'the value is no number in its interval',
  )
  .nullable()

const reasonSchema = z.string().min(1).max(200)

const stateSchema = z
  .record(z.string(), jsonValueSchema)
  // Absent keys cost a frame nothing.
  .optional()

const checkedOutcomeSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('done'),
    writes: z.record(traitKeySchema, writeSchema),
    activations: z.array(proposalSchema).max(20),
    holds: z.array(z.strictObject({ purpose: purposeSchema, reason: reasonSchema })).max(20),
    releases: z.array(purposeSchema).max(20),
    state: z.strictObject({ profile: stateSchema, plugin: stateSchema }).optional(),
    intents: z.array(intentSchema).max(10).optional(),
    vetoes: z.array(vetoSchema).max(20).optional(),
  }),
  z.strictObject({
    kind: z.literal('snooze'),
    ms: z
      .int()
      .min(1000)
      .max(30 * dayMs),
  }),
  z.strictObject({ kind: z.literal('cancel'), reason: reasonSchema }),
])

/**
 * An outcome after its check: shapes are right, every effect is declared in the manifest, written values
 * fit the schema of their trait, confidence and content are filled in.
 */
export type CheckedOutcome = z.infer<typeof checkedOutcomeSchema>

export interface Refusal {
  code: ErrorCode
  values: ErrorValues
}

export type OutcomeCheck = (raw: unknown) => { outcome: CheckedOutcome } | { refusal: Refusal }

/** The check of one agent's outcomes, compiled once at load: it runs for every item. */
export function outcomeCheck(manifest: Manifest, agent: AgentManifest): OutcomeCheck {
  const values = { plugin: manifest.id, agent: agent.id }
  const checks = valueChecks(manifest, agent)
  // Agents of a plugin that reads nothing by handle can have come by none.
  const mayHandle = manifest.agents.some(({ reads }) => reads.pii.length > 0)
  const refuse = (code: ErrorCode, more: ErrorValues) => ({
    refusal: { code, values: { ...values, ...more } },
  })
  return (raw) => {
    const flaw = stateFlaw(stateIn(raw), -1)
    if (flaw !== undefined) return refuse('plugin_state_unfit', { reason: flaw })
    if (!disarm(raw))
      return refuse('plugin_result_invalid', { reason: `nested deeper than ${depthMax}` })
    const read = checkedOutcomeSchema.safeParse(raw)
    if (!read.success) return refuse('plugin_result_invalid', { reason: shape(read.error, raw) })
    const outcome = read.data
    if (outcome.kind !== 'done') return { outcome }
    const misplaced = mayHandle ? handlePlace(outcome) : undefined
    if (misplaced !== undefined) return refuse('plugin_handle_misplaced', { place: misplaced })
    const effect = undeclared(outcome, manifest, agent, checks)
    if (effect !== undefined) return refuse('effect_not_declared', { effect })
    for (const [key, write] of Object.entries(outcome.writes)) {
      const refused = write === null ? undefined : checks.get(key)?.(write.value)
      if (refused !== undefined) return refuse('trait_value_invalid', { key, reason: refused })
    }
    return { outcome }
  }
}

/** What is returned as state; looked at before `disarm`, which drops what is to be refused here. */
const stateIn = (raw: unknown): unknown =>
  typeof raw === 'object' && raw !== null && 'state' in raw ? raw.state : undefined

const handled = /pii:[^:]{1,500}:h_[\w-]{22}/

/** Where an outcome carries a handle, which stands for nothing once the call is over. */
function handlePlace({
  writes,
  activations,
  holds,
  intents = [],
  vetoes = [],
}: Done): string | undefined {
  const places = {
    ...Object.fromEntries(
      Object.entries(writes).map(([key, write]) => [`the trait ${key}`, write]),
    ),
    'an activation': activations,
    'a hold': holds,
    'an intent': intents,
    'a veto': vetoes,
  }
  return Object.entries(places).find(([, said]) => handled.test(JSON.stringify(said)))?.[0]
}

/** A check for each trait that the agent may write; those of others are checked by what these say of them. */
function valueChecks(manifest: Manifest, agent: AgentManifest): ReadonlyMap<string, TraitCheck> {
  const known = new Map(manifest.traits.map(({ key, schema }) => [key, schema]))
  const writable = agent.writes.filter(
    (key) => known.has(key) || manifest.sharedTraits.includes(key),
  )
  return new Map(writable.map((key) => [key, checkOf(manifest, key, known.get(key))]))
}

function checkOf(manifest: Manifest, key: string, schema: JsonObject | undefined): TraitCheck {
  const read = readTraitSchema(schema ?? {})
  if ('schema' in read) return compileTraitSchema(read.schema)
  const reason = `the schema of ${key} has ${read.problem.path || 'a fault'}: ${read.problem.reason}`
  throw fail('plugin_load_failed', { plugin: manifest.id, reason })
}

/** Where and why a value does not fit, without the value: it may be personal data. */
function shape(error: z.ZodError, raw: unknown): string {
  const issue = error.issues[0]
  if (issue === undefined) return 'it does not fit'
  if (typeof raw !== 'object' || raw === null)
    return `it is ${raw === null ? 'null' : `a ${typeof raw}`}`
  const path = issue.path.length === 0 ? 'it' : issue.path.map(String).join('.').slice(0, 120)
  return `${path}: ${issue.code.replaceAll('_', ' ')}`
}

type Done = Extract<CheckedOutcome, { kind: 'done' }>

/** The first effect that the manifest does not declare, as the end of "is not declared to …". */
function undeclared(
  outcome: Done,
  manifest: Manifest,
  agent: AgentManifest,
  writable: ReadonlyMap<string, unknown>,
): string | undefined {
  const written = Object.keys(outcome.writes).find((key) => !writable.has(key))
  if (written !== undefined) return `write the trait ${written}`
  const held = [...outcome.holds.map((hold) => hold.purpose), ...outcome.releases].find(
    (purpose) => !agent.holds.some((declared) => covers(declared, purpose)),
  )
  if (held !== undefined) return `hold or release ${held}`
  const kept = undeclaredState(outcome, stateOf(manifest, agent))
  if (kept !== undefined) return kept
  const announced = undeclaredIntent(outcome, agent)
  if (announced !== undefined) return announced
  const intended = outcome.intents?.flatMap(({ activation }) => activation ?? []) ?? []
  for (const proposal of [...outcome.activations, ...intended]) {
    const effect = undeclaredProposal(proposal, manifest, agent)
    if (effect !== undefined) return effect
  }
  return undefined
}

/** A veto names no kind: whether the agent may is asked of the intent, when it is committed. */
function undeclaredIntent({ intents, vetoes }: Done, agent: AgentManifest): string | undefined {
  const unknown = intents?.find(({ kind }) => !agent.announces.some((own) => own.kind === kind))
  if (unknown) return `announce ${unknown.kind}`
  return vetoes && vetoes.length > 0 && agent.vetoes.length === 0 ? 'veto intents' : undefined
}

function undeclaredState({ state }: Done, declared: PluginState | undefined): string | undefined {
  for (const kind of ['profile', 'plugin'] as const) {
    const keys = Object.keys(state?.[kind] ?? {})
    const key = keys.find((name) => !declared?.[kind].includes(name))
    if (key !== undefined) return `keep ${key.slice(0, 60)} in its ${kind} state`
  }
  return undefined
}

function undeclaredProposal(
  { purpose, channel, fields, destination, cost }: Proposal,
  manifest: Manifest,
  agent: AgentManifest,
): string | undefined {
  const sameAct = agent.proposes.filter(
    (declared) => covers(declared.purpose, purpose) && allows(declared.channels, channel),
  )
  if (sameAct.length === 0) return `propose ${purpose} on ${channel}`
  if (!sameAct.some((declared) => fields.every((field) => declared.fields.includes(field)))) {
    return `put ${fields.join(', ').slice(0, 120)} into a message for ${purpose} on ${channel}`
  }
  if (cost && !sameAct.some(({ budgets }) => budgets.includes(cost.budget))) {
    return `spend of the budget ${cost.budget} on ${purpose} by ${channel}`
  }
  if (destination === undefined || destination === null) return undefined
  const host = URL.canParse(destination) ? new URL(destination).hostname : undefined
  if (host !== undefined && manifest.network.some((entry) => hostMatches(entry.host, host)))
    return undefined
  return `reach ${host ?? 'a destination that is not a URL'}`
}

const allows = (channels: readonly string[], channel: string): boolean =>
  channels.includes(channel) || channels.includes('*')

/** Whether a host of the manifest, such as `*.example.com`, covers this one. */
export const hostMatches = (declared: string, host: string): boolean =>
  declared.startsWith('*.') ? host.endsWith(declared.slice(1)) : host === declared
