/** What a manifest asks for, item by item in plain sentences, and how two of them differ. Pure. */
import { manifestSchema, type AgentManifest, type Manifest } from './manifest.ts'
import type { Capability } from './pluginTrust.ts'

export interface Permission {
  /** Equal keys mean the same permission. */
  key: string
  sentence: string
  /** What it takes trust for; null for what any plugin may ask. */
  capability: Capability | null
  /** Of a permission by degrees: the higher, the more it permits. */
  degree?: number
  /** A bound that the plugin keeps to: losing it permits more. */
  isBound?: true
}

export interface PermissionDiff {
  /** What is permitted from now on and was not before. */
  gained: Permission[]
  /** What is not permitted any more. */
  lost: Permission[]
}

type Line = [parts: readonly string[], sentence: string, extra?: Partial<Permission>]

/** Names hold any character, and no two permissions may end up with one key. */
const keyOf = (parts: readonly string[]): string => parts.map(encodeURIComponent).join(' ')

export function permissionsOf(stored: Manifest): Permission[] {
  // One that an earlier version of the product stored lacks what has come since.
  const manifest = manifestSchema.parse(stored)
  const lines = [
    ...tierLines(manifest),
    ...manifest.network.flatMap(networkLines),
    ...(manifest.config?.secrets ?? []).map(({ name }): Line => [
      ['secret', name],
      `Has the secret ${name} put into its requests.`,
    ]),
    ...manifest.channels.map((channel): Line => [
      ['channel', channel],
      `Brings the channel ${channel}.`,
    ]),
    ...manifest.agents.flatMap(agentLines),
    ...manifest.performers.map(({ id, skill }): Line => [
      ['performer', id, skill],
      `${id} does tasks of the skill ${skill}, and sees no person in them.`,
    ]),
    ...manifest.traits.flatMap(traitLines),
  ]
  const permissions = lines.map(([parts, sentence, extra]): Permission => ({
    key: keyOf(parts),
    sentence,
    capability: null,
    ...extra,
  }))
  return [...new Map(permissions.map((one) => [one.key, one])).values()]
}

/** What `next` asks for, beside what `before` was granted; everything where there was nothing. */
export function diffPermissions(
  before: readonly Permission[],
  next: readonly Permission[],
): PermissionDiff {
  return { gained: beyond(before, next), lost: beyond(next, before) }
}

/** Capabilities among permissions, each once. */
export const capabilitiesOf = (permissions: readonly Permission[]): Capability[] => [
  ...new Set(permissions.flatMap(({ capability }) => capability ?? [])),
]

/** What `more` permits that `less` does not: new permissions, higher degrees, and bounds that are gone. */
function beyond(less: readonly Permission[], more: readonly Permission[]): Permission[] {
  const known = new Map(less.map((one) => [one.key, one]))
  const kept = new Set(more.map(({ key }) => key))
  const owned = new Set(more.map(({ key }) => subjectOf(key)))
  const wider = more.filter((one) => {
    if (one.isBound) return false
    const before = known.get(one.key)
    return !before || (one.degree ?? 0) > (before.degree ?? 0)
  })
  // Of what is not there any more there is nothing to bind.
  const unbound = less.filter(
    ({ key, isBound }) => isBound && !kept.has(key) && owned.has(subjectOf(key)),
  )
  const loosened = unbound.map(({ key, sentence }): Permission => ({
    key: `unbound ${key}`,
    sentence: `No longer: ${sentence}`,
    capability: null,
  }))
  return [...wider, ...loosened]
}

/** The first two parts of a key say what it is about, such as `trait mood`. */
const subjectOf = (key: string): string => key.split(' ', 2).join(' ')

function tierLines({ tier }: Manifest): Line[] {
  if (tier === 'sandbox') return []
  const place =
    tier === 'process' ? 'in a process of its own, beside the sandbox' : 'inside the server itself'
  return [[['tier', tier], `Runs ${place}.`, { capability: 'process' }]]
}

const networkLines = ({ host, methods, purpose, reason }: Manifest['network'][number]): Line[] =>
  methods.map((method): Line => [
    ['network', host, method, purpose],
    `Sends ${method} requests to ${host} for ${purpose}: ${reason}`,
    { capability: 'network' },
  ])

function agentLines(agent: AgentManifest): Line[] {
  const { id, purpose, triggers, reads, writes, holds } = agent
  return [
    ...triggers.events.map((name): Line => [
      ['agent', id, 'wakes', 'event', name],
      wakeText(id, name),
    ]),
    ...triggers.traits.map((key): Line => [
      ['agent', id, 'wakes', 'trait', key],
      `${id} is woken when ${key} changes.`,
    ]),
    ...[...agent.obviations.events, ...agent.obviations.traits].map((name): Line => [
      ['agent', id, 'obviated', name],
      `What ${id} has not begun yet is dropped at ${name}.`,
    ]),
    ...triggers.schedules.map(({ cron, timezone }): Line => [
      ['agent', id, 'wakes', 'schedule', cron, timezone],
      `${id} is woken for everybody at ${cron} (${timezone}).`,
    ]),
    ...triggers.objectives.map((name): Line => [
      ['agent', id, 'wakes', 'objective', name],
      `${id} is woken for everybody when the objective ${name} begins, is planned anew or ends.`,
    ]),
    ...triggers.crossings.flatMap(({ trait, above, below }) =>
      [
        ...(above === undefined ? [] : [['above', above] as const]),
        ...(below === undefined ? [] : [['below', below] as const]),
      ].map(([side, threshold]): Line => [
        ['agent', id, 'wakes', 'crossing', trait, side, String(threshold)],
        `${id} is woken when ${trait} comes to lie ${side} ${threshold}.`,
      ]),
    ),
    ...(triggers.consents
      ? [[['agent', id, 'wakes', 'consent'], `${id} is woken when consent changes.`] satisfies Line]
      : []),
    ...reads.traits.map((key): Line => [
      ['agent', id, 'reads', 'trait', key, purpose],
      `${id} reads the trait ${key} for ${purpose}.`,
    ]),
    ...reads.pii.map((key): Line => [
      ['agent', id, 'reads', 'pii', key, purpose],
      `${id} reads the personal data ${key} for ${purpose}.`,
      { capability: 'pii' },
    ]),
    ...Object.entries(reads.events).flatMap(([name, properties]) =>
      properties.map((property): Line => [
        ['agent', id, 'reads', 'event', name, property, purpose],
        `${id} reads ${property} of ${eventText(name)} for ${purpose}.`,
      ]),
    ),
    ...triggers.intents.map((kind): Line => [
      ['agent', id, 'wakes', 'intent', kind],
      `${id} is woken when another agent announces ${kind === '*' ? 'anything' : kind}.`,
    ]),
    ...agent.announces.map(({ kind }): Line => [
      ['agent', id, 'announces', kind],
      `${id} announces ${kind} before it acts.`,
    ]),
    ...agent.vetoes.map((kind): Line => [
      ['agent', id, 'vetoes', kind],
      `${id} may veto ${kind} of other agents.`,
    ]),
    ...writes.map((key): Line => [['agent', id, 'writes', key], `${id} writes the trait ${key}.`]),
    ...agent.proposes.flatMap((proposal) => proposalLines(id, proposal)),
    ...holds.map((held): Line => [
      ['agent', id, 'holds', held],
      `${id} may put ${held} on hold for a person.`,
    ]),
  ]
}

const eventText = (name: string): string => (name === '*' ? 'every event' : `the event ${name}`)
const wakeText = (id: string, name: string): string => `${id} is woken by ${eventText(name)}.`

const effectDegrees = { none: 2, minor: 1, significant: 0 } as const

function proposalLines(
  id: string,
  { purpose, channels, fields, risk, decisionEffect, budgets }: AgentManifest['proposes'][number],
): Line[] {
  return channels.flatMap((channel): Line[] => {
    const act = ['agent', id, 'proposes', purpose, channel]
    const text = `${purpose} by ${channel}`
    return [
      [act, `${id} proposes ${text}.`],
      [
        [...act, 'risk'],
        `${id} proposes ${text} at a risk of at least ${risk}.`,
        // A higher risk has more of it looked at by a person.
        { degree: 1 - risk },
      ],
      [
        [...act, 'effect'],
        `${id} proposes ${text} with ${effectText[decisionEffect]} on the person.`,
        { degree: effectDegrees[decisionEffect] },
      ],
      ...fields.map((field): Line => [
        [...act, 'field', field],
        `${id} puts ${field} into ${text}.`,
      ]),
      ...budgets.map((budget): Line => [
        [...act, 'budget', budget],
        `${id} spends of the budget ${budget} on ${text}.`,
      ]),
    ]
  })
}

const effectText = {
  none: 'no effect',
  minor: 'a minor effect',
  significant: 'a significant effect',
} as const

/** The less strict a class, the more may see the values. */
const classDegrees = { special: 0, sensitive: 1, contact: 2, pseudonymous: 3, none: 4 } as const

function traitLines({ key, class: dataClass, purposes, infers }: Manifest['traits'][number]) {
  return [
    [
      ['trait', key],
      `Owns the trait ${key}, of the class ${dataClass}.`,
      { degree: classDegrees[dataClass] },
    ],
    ...purposes.map((purpose): Line => [
      ['trait', key, 'for', purpose],
      `Lets the trait ${key} be used for ${purpose}.`,
    ]),
    ...(infers ?? []).map((category): Line => [
      ['trait', key, 'infers', category],
      `The trait ${key} is treated as telling of ${category}.`,
      { isBound: true },
    ]),
  ] satisfies Line[]
}
