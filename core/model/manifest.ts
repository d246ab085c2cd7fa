import { z } from 'zod'
import { budgetNameSchema } from './budget.ts'
import { channelSchema } from './consent.ts'
import { intentKindSchema } from './intent.ts'
import { jsonObjectSchema } from './json.ts'
import { pluginConfigSchema } from './pluginConfig.ts'
import { agentStateSchema, pluginStateSchema, type PluginState } from './pluginState.ts'
import { purposeSchema } from './purpose.ts'
import { efficiencySchema } from './selection.ts'
import { specialCategories } from './special.ts'
import { conflictRuleSchema, dataClassSchema, traitKeySchema } from './trait.ts'

/** The version of the plugin contract (`slateboard/plugin`) that this product speaks. */
export const apiVersion = 1

const kebabSchema = z
  .string()
  .max(60)
  .regex(
    /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/,
    'use kebab-case of at most 60 characters, such as churn-risk',
  )

const versionSchema = z
  .string()
  .max(80)
  .regex(
    /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/,
    'use a semantic version such as 1.2.3',
  )

const mainSchema = z
  .string()
  .max(200)
  .regex(
    /^(?!.*\.\.)[A-Za-z0-9_][A-Za-z0-9_./-]*\.(ts|js|mjs)$/,
    'name a .ts, .js or .mjs file inside the plugin folder, such as plugin.ts',
  )

const dayMs = 86_400_000

/** That several agents may write a trait, those of other plugins as well, and who is heard where they differ. */
const sharesSchema = z.strictObject({
  /**
   * `owner`: agents of this plugin; `priority`: the agent with the higher priority; `latest`; `confidence`: who is more
   * confident; `vote`: what most of them say; `escalate`: what stands, until a person decides.
   */
  rule: conflictRuleSchema.default('escalate'),
  /** How long a word stands in the way of another agent's, or counts as a vote, in milliseconds; for ever where it is left out. */
  windowMs: z
    .int()
    .min(1000)
    .max(366 * dayMs)
    .exactOptional(),
  /** Of a vote: how many agents have to say a value before it replaces what stands. */
  quorum: z.int().min(1).max(50).exactOptional(),
})

/** A trait that the plugin brings along; it becomes a trait definition at installation. */
export const contributedTraitSchema = z.strictObject({
  key: traitKeySchema,
  class: dataClassSchema,
  purposes: z.array(purposeSchema).min(1, 'name at least one purpose').max(20),
  /** Special categories of GDPR Art. 9 that the values tell something of, although nobody stated it. */
  infers: z.array(z.enum(specialCategories)).min(1, 'name a category or leave it out').optional(),
  /** JSON Schema of the value; every write is checked against it. */
  schema: jsonObjectSchema.optional(),
  /** Left out, the trait has one writing agent. */
  shares: sharesSchema.optional(),
})

const crossingSchema = z
  .strictObject({
    trait: traitKeySchema,
    above: z.number().optional(),
    below: z.number().optional(),
  })
  .refine(
    ({ above, below }) => above !== undefined || below !== undefined,
    'give above, below or both',
  )

const scheduleSchema = z.strictObject({
  /** Minute, hour, day of month, month and day of week, such as `0 6 * * MON`. */
  cron: z.string().min(1).max(100),
  /** Of the IANA database, such as Europe/Berlin. */
  timezone: z.string().min(1).max(60).default('UTC'),
})

/** How urgent a reaction is beside others of its agent, 0 to 1: always the same, or the number of a trait. */
const ratingSchema = z.union([z.number().min(0).max(1), z.strictObject({ trait: traitKeySchema })])

const triggerEventsSchema = z.array(z.string().min(1).max(200)).max(100).default([])
const triggerTraitsSchema = z.array(traitKeySchema).max(100).default([])

const triggersSchema = z.strictObject({
  /** Names of track events; the type, such as `identify` or `page`, for other calls; `*` for any. */
  events: triggerEventsSchema,
  /** A change of one of these traits. */
  traits: triggerTraitsSchema,
  /** Any change in the consent ledger of the profile. */
  consents: z.boolean().default(false),
  /** Numbers in `reads.traits` that come to lie above or below a threshold: once as they cross it, not while they stay. */
  crossings: z.array(crossingSchema).max(50).default([]),
  /** Times at which it is woken for everybody of whom `when` holds. */
  schedules: z.array(scheduleSchema).max(10).default([]),
  /** Names of objectives: it is woken for everybody of whom `when` holds when one begins, is planned anew, or ends. */
  objectives: z.array(z.string().min(1).max(120)).max(20).default([]),
  /** Kinds of intents that others announce; `*` for any. */
  intents: z
    .array(z.union([intentKindSchema, z.literal('*')]))
    .max(50)
    .default([]),
})

const readsSchema = z.strictObject({
  traits: z.array(traitKeySchema).max(100).default([]),
  /** Traits of class contact, sensitive or special: apart, so that an installer sees them at once. */
  pii: z.array(traitKeySchema).max(100).default([]),
  /** Event name (or `*`) to the properties that the agent sees of it. */
  events: z
    .record(z.string().min(1).max(200), z.array(z.string().min(1).max(200)).max(100))
    .default({}),
})

/** A secret of the plugin's configuration. */
export const secretNameSchema = z
  .string()
  .max(60)
  .regex(/^[A-Z][A-Z0-9_]*$/, 'use capitals, digits and _, such as API_KEY')

/** Art. 22 GDPR: how much an act weighs on the person whom it is about. */
export const decisionEffects = ['none', 'minor', 'significant'] as const
export type DecisionEffect = (typeof decisionEffects)[number]

const proposesSchema = z.strictObject({
  purpose: purposeSchema,
  channels: z.array(channelSchema).min(1, 'name at least one channel').max(20),
  /** Trait keys whose values the message may contain. */
  fields: z.array(traitKeySchema).max(50).default([]),
  /** What each such act is at least taken to risk, 0 to 1; the agent may say more of one, and never less. */
  risk: z.number().min(0).max(1).default(0),
  /** `significant` for what has legal or similarly grave effect on the person: each waits for somebody's approval. */
  decisionEffect: z.enum(decisionEffects).default('none'),
  /** Budgets that such acts may be paid from. */
  budgets: z.array(budgetNameSchema).max(20).default([]),
})

export const failurePolicies = ['retry', 'skip', 'halt'] as const

const obviationsSchema = z.strictObject({
  events: triggerEventsSchema,
  traits: triggerTraitsSchema,
})

const joinSchema = z.strictObject({
  /** How many different triggers have to have come: each event, trait, crossing and consent counts once. */
  need: z.union([z.literal('all'), z.int().min(2).max(50)]).default('all'),
  /** How long it waits for the others after the first, in milliseconds. */
  withinMs: z
    .int()
    .min(1000)
    .max(30 * 86_400_000),
  /** Then it runs with what has come, or is dropped. */
  onTimeout: z.enum(['run', 'drop']).default('run'),
})

const needSchema = z.strictObject({
  /** One of `reads.traits`. */
  trait: traitKeySchema,
  /** How old its value may be, in milliseconds; left out, it only has to be there. */
  maxAgeMs: z
    .int()
    .min(100)
    .max(366 * 86_400_000)
    .optional(),
  /**
   * What becomes of a reaction that would go by a value that is older or not there. `retry`: it waits until it is
   * refreshed; `skip`: it ends; `halt`: it waits until somebody releases it.
   */
  onStale: z.enum(failurePolicies).default('retry'),
})

export const agentManifestSchema = z.strictObject({
  id: kebabSchema,
  description: z.string().max(500).optional(),
  triggers: triggersSchema,
  reads: readsSchema.prefault({}),
  /** Keys of `traits`, each of which has exactly one writing agent unless it is shared, and of `sharedTraits`. */
  writes: z.array(traitKeySchema).max(50).default([]),
  purpose: purposeSchema,
  proposes: z.array(proposesSchema).max(20).default([]),
  /** What it may say that it is about to do; it is woken when that was vetoed, or when it may. */
  announces: z
    .array(z.strictObject({ kind: intentKindSchema }))
    .max(20)
    .default([]),
  /** Kinds of intents of others that it may veto. */
  vetoes: z.array(intentKindSchema).max(20).default([]),
  /** Purposes that it may put on hold for a profile. */
  holds: z.array(purposeSchema).max(20).default([]),
  /**
   * What has to hold of `reads.traits` for it to be woken at all, and again when it is about to run: a condition in the
   * words of policies, such as { "traits.churn_risk": { "$gte": 0.6 } }.
   */
  when: jsonObjectSchema.optional(),
  /** What takes a reaction back that has not begun yet: events and changes of traits, as in `triggers`. */
  obviations: obviationsSchema.prefault({}),
  /** Where one trigger is not enough. */
  join: joinSchema.optional(),
  /** What has to be there and fresh. */
  needs: z.array(needSchema).max(50).default([]),
  priority: z.int().min(0).max(100).default(50),
  /** Of two of its reactions the one rated higher runs first. */
  rating: ratingSchema.default(0),
  /** By when it should begin once it is woken, in milliseconds; the earliest of a priority goes first. */
  deadlineMs: z
    .int()
    .min(10)
    .max(30 * 86_400_000)
    .optional(),
  /** How often it may be in a chain of agents that wake each other; the next time is parked as a loop. */
  visitsMax: z.int().min(1).max(16).default(4),
  onFailure: z.enum(failurePolicies).default('retry'),
  /** What one item may compute, in milliseconds. */
  timeoutMs: z.int().min(1).max(1000).default(100),
  /** Keys of the plugin's state that it is handed and may write; all of them where this is left out. */
  state: agentStateSchema.optional(),
  /** What one item may wait for the host's answers in all, in milliseconds. */
  waitMs: z.int().min(100).max(60_000).default(30_000),
})

export const skillSchema = kebabSchema

/** Does tasks of objectives. It is handed nothing of any person. */
export const performerManifestSchema = z.strictObject({
  id: kebabSchema,
  /** What it can do; several may offer the same, and who is asked is learned. `plan` makes plans of objectives. */
  skill: skillSchema,
  description: z.string().max(500).optional(),
  /** How well it says it does tasks of a kind, 0 to 1; `*` is every kind that is not named. */
  efficiency: efficiencySchema.default({}),
  /** What one task may compute, in milliseconds. */
  timeoutMs: z.int().min(1).max(1000).default(100),
})
export type PerformerManifest = z.infer<typeof performerManifestSchema>

/** Where a secret may stand in a request. */
export const secretPlaces = ['header', 'query', 'body'] as const

const networkSecretSchema = z.strictObject({
  name: secretNameSchema,
  in: z.array(z.enum(secretPlaces)).min(1, 'name at least one place').default(['header']),
})

const networkSchema = z.strictObject({
  host: z
    .string()
    .max(253)
    .regex(/^(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*$/, 'use a host name such as api.example.com'),
  methods: z
    .array(z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']))
    .min(1, 'name at least one method'),
  purpose: purposeSchema,
  reason: z.string().min(1, 'say what it is for').max(500),
  /** Secrets that requests to this host may carry: no others leave to it. */
  secrets: z.array(networkSecretSchema).max(10).default([]),
  /** What one request may take with its redirects, in milliseconds. */
  timeoutMs: z.int().min(100).max(30_000).default(10_000),
})
export type NetworkEntry = z.infer<typeof networkSchema>

/**
 * Where the code runs. `sandbox`: an isolate without Node, enough for nearly all. `process`: a process of its
 * own that may use Node's built-ins for computing. `trusted`: inside Slateboard itself; for plugins of its
 * makers only.
 */
export const tiers = ['sandbox', 'process', 'trusted'] as const
export type Tier = (typeof tiers)[number]

/** plugin.json. Unknown keys are errors; cross-checks between its parts are in core/host/manifest.ts. */
export const manifestSchema = z.strictObject({
  $schema: z.string().max(500).optional(),
  id: kebabSchema,
  version: versionSchema,
  name: z.string().min(1).max(120),
  description: z.string().max(1000).optional(),
  apiVersion: z.literal(apiVersion),
  engines: z.strictObject({ slateboard: z.string().min(1).max(100) }),
  main: mainSchema,
  tier: z.enum(tiers).default('sandbox'),
  traits: z.array(contributedTraitSchema).max(100).default([]),
  /** Keys of traits that other plugins own and share, and that agents of this one write as well. */
  sharedTraits: z.array(traitKeySchema).max(100).default([]),
  agents: z.array(agentManifestSchema).max(50).default([]),
  /** What does tasks of objectives. */
  performers: z.array(performerManifestSchema).max(20).default([]),
  /** Ids of channels it contributes; reserved. */
  channels: z.array(channelSchema).max(20).default([]),
  network: z.array(networkSchema).max(20).default([]),
  /** What operators set: values for the agents, and secrets that only the platform uses. */
  config: pluginConfigSchema.optional(),
  /** What the plugin remembers beside traits, for each profile and for itself. */
  state: pluginStateSchema.optional(),
})

export type Manifest = z.infer<typeof manifestSchema>
export type AgentManifest = z.infer<typeof agentManifestSchema>

/** The state that one agent is handed and may write; undefined when it is none, and costs nothing then. */
export function stateOf(
  { state }: Pick<Manifest, 'state'>,
  agent: Pick<AgentManifest, 'state'>,
): PluginState | undefined {
  if (!state) return undefined
  const { profile, plugin } = agent.state ?? state
  return profile.length + plugin.length === 0
    ? undefined
    : { version: state.version, profile, plugin }
}
