/**
 * The record of processing activities, GDPR Art. 30(1): what installed plugins declare, what principals may do and
 * what sources bring, with what was counted of it. Nobody writes it, so it cannot fall behind.
 */
import { ruleClass, type DataClass } from '../model/trait.ts'
import { agentsOf, textOf, type InstalledAgent, type Material } from './material.ts'

export interface ProcessingRecord {
  /** `agent:churn-risk/score analytics`; stands for one activity for as long as it is declared. */
  id: string
  kind: 'analysis' | 'sending' | 'access' | 'collection'
  who: string
  description: string
  /** Null for a principal without one, and for what is taken in, whose traits say it. */
  purpose: string | null
  purposeDescription: string | null
  legalBases: string[]
  needsConsent: boolean
  dataSubjects: string[]
  /** Keys of traits; `event <name>: <property>` for what is read of events. */
  fields: string[]
  dataClasses: DataClass[]
  specialCategories: string[]
  recipients: string[]
  transfers: string
  retention: string[]
  security: string[]
  state: string
  since: Date
  observed: { count: number; firstAt: Date; lastAt: Date } | null
}

const dataSubjects = [
  'customers and visitors known to the workspace',
  'children among them, as far as their age is known',
]

const security = [
  'Values of class contact, sensitive and special lie in a vault: AES-256-GCM under a key per person, whose destruction makes them unreadable in backups too.',
  'Every read, write and sending passes a versioned policy that two persons approved, and nothing is permitted that no rule permits.',
  'Row-level security keeps workspaces apart in the database.',
  'Acts and decisions stand on a hash chain that is signed once a minute and can be verified offline.',
]
const sandboxed =
  'The agent runs in an isolate without network, files or environment, and is handed what it declared and the policy permits.'
const decided =
  'Each message is decided by the gate and again when it is sent; a withdrawal that was committed stops it.'

const none = 'None: the data stays in the platform.'
const named =
  'To the recipients named; the controller states the country of each and the safeguards.'

/** @returns one record an activity: per agent and purpose, per principal and purpose, per source */
export const recordsOf = (material: Material): ProcessingRecord[] => [
  ...agentsOf(material).flatMap((installed) => [
    analysis(material, installed),
    ...sendings(material, installed),
  ]),
  ...accesses(material),
  ...collections(material),
]

type Told = Pick<ProcessingRecord, 'id' | 'kind' | 'who' | 'description' | 'state' | 'since'> & {
  purpose: string | null
  traits: readonly string[]
  others?: readonly string[]
  recipients?: readonly string[]
  measures?: readonly string[]
}

function record(material: Material, told: Told): ProcessingRecord {
  const { purpose, traits, others = [], recipients = [], measures = [], ...rest } = told
  const text = purpose === null ? undefined : textOf(material, purpose)
  const definitions = traits.flatMap((key) => material.definitions.get(key) ?? [])
  return {
    ...rest,
    purpose,
    purposeDescription: text?.description ?? null,
    legalBases: text?.bases ?? [],
    needsConsent: text?.needsGrant ?? false,
    dataSubjects,
    fields: [...traits, ...others],
    dataClasses: [...new Set(definitions.map(ruleClass))].toSorted(),
    specialCategories: definitions
      .filter((definition) => ruleClass(definition) === 'special')
      .map(({ key, specialBy = [] }) => [key, ...specialBy].join(' ')),
    recipients: [...recipients],
    transfers: recipients.length === 0 ? none : named,
    retention: retentionOf(material, traits),
    security: [...security, ...measures],
    observed: observedOf(material, rest, purpose),
  }
}

function retentionOf({ definitions }: Material, traits: readonly string[]): string[] {
  return traits.map((key) => {
    const ttlMs = definitions.get(key)?.ttlMs
    return ttlMs === undefined
      ? `${key}: until it is replaced, removed or the person is erased`
      : `${key}: ${Math.ceil(ttlMs / 86_400_000)} days after it was written`
  })
}

const kindsOf = {
  analysis: ['read', 'write'],
  sending: ['send'],
  access: ['read', 'export'],
  collection: [],
} as const satisfies Record<ProcessingRecord['kind'], readonly string[]>

function observedOf(
  { accesses: all }: Material,
  { who, kind }: Pick<ProcessingRecord, 'who' | 'kind'>,
  purpose: string | null,
): ProcessingRecord['observed'] {
  const kinds: readonly string[] = kindsOf[kind]
  const own = all.filter(
    (access) =>
      access.actor === who &&
      kinds.includes(access.kind) &&
      (purpose === null ? access.purpose === '' : access.purpose.split(' ').includes(purpose)),
  )
  const [first] = own
  if (first === undefined) return null
  return own.reduce(
    (sum, { count, firstAt, lastAt }) => ({
      count: sum.count + count,
      firstAt: firstAt < sum.firstAt ? firstAt : sum.firstAt,
      lastAt: lastAt > sum.lastAt ? lastAt : sum.lastAt,
    }),
    { count: 0, firstAt: first.firstAt, lastAt: first.lastAt },
  )
}

function analysis(material: Material, { name, plugin, agent }: InstalledAgent): ProcessingRecord {
  const { reads, writes, purpose, description } = agent
  return record(material, {
    id: `agent:${name} ${purpose}`,
    kind: 'analysis',
    who: `agent:${name}`,
    description: description ?? plugin.manifest.description ?? plugin.manifest.name,
    purpose,
    traits: [...new Set([...reads.traits, ...reads.pii, ...writes])],
    others: Object.entries(reads.events).flatMap(([event, properties]) =>
      properties.map((property) => `event ${event}: ${property}`),
    ),
    measures: [sandboxed],
    state: plugin.state,
    since: plugin.installedAt,
  })
}

function sendings(material: Material, { name, plugin, agent }: InstalledAgent): ProcessingRecord[] {
  return agent.proposes.map(({ purpose, channels, fields }, at) =>
    record(material, {
      id: `agent:${name} proposes ${purpose}${at === 0 ? '' : ` ${at + 1}`}`,
      kind: 'sending',
      who: `agent:${name}`,
      description: agent.description ?? plugin.manifest.description ?? plugin.manifest.name,
      purpose,
      traits: fields,
      recipients: [
        ...channels.map((channel) => `channel ${channel}`),
        ...plugin.manifest.network.map(({ host, reason }) => `${host}: ${reason}`),
        ...hostsSeen(material, `agent:${name}`),
      ],
      measures: [sandboxed, decided],
      state: plugin.state,
      since: plugin.installedAt,
    }),
  )
}

const hostsSeen = ({ accesses: all }: Material, actor: string): string[] => [
  ...new Set(
    all.flatMap((access) =>
      access.actor === actor && access.kind === 'send' && access.object.startsWith('host:')
        ? `${access.object.slice('host:'.length)}: observed`
        : [],
    ),
  ),
]

function accesses(material: Material): ProcessingRecord[] {
  return material.principals.flatMap(({ id, name, role, readable, createdAt }) =>
    [...readable].map(([purpose, traits]) =>
      record(material, {
        id: `principal:${id} ${purpose || 'without a purpose'}`,
        kind: 'access',
        who: `principal:${id}`,
        description: `${name}, in the role ${role}, reads what the policy in force permits.`,
        purpose: purpose === '' ? null : purpose,
        traits,
        recipients: hostsSeen(material, `principal:${id}`),
        state: 'active',
        since: createdAt,
      }),
    ),
  )
}

const collections = (material: Material): ProcessingRecord[] =>
  material.sources.map(({ id, name, enabled, traits, createdAt }) =>
    record(material, {
      id: `source:${id}`,
      kind: 'collection',
      who: `source:${id}`,
      description: `Events of the source ${name} are taken in and put together per person.`,
      purpose: null,
      traits,
      state: enabled ? 'active' : 'paused',
      since: createdAt,
    }),
  )
