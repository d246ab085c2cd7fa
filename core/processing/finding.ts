/**
 * Where what is done drifts from what is promised, and what is promised from what is done: what nobody uses need
 * not be permitted, and what is used must have been declared.
 */
import { noPurpose } from '../model/purpose.ts'
import { isVaulted, ruleClass, type TraitDefinition } from '../model/trait.ts'
import { agentsOf, traitOf, type InstalledAgent, type Material } from './material.ts'
import type { AccessRow } from '../../blackboard/query/listAccesses.ts'

export const findingCodes = [
  'undeclared_access',
  'undeclared_recipient',
  'special_data_used',
  'read_without_purpose',
  'unused_read',
  'unused_proposal',
  'unused_purpose',
  'nothing_to_be_used_for',
  'special_by_inference',
  'kept_without_end',
] as const
export type FindingCode = (typeof findingCodes)[number]

export const severities = ['high', 'medium', 'low'] as const
export type Severity = (typeof severities)[number]

export interface ProcessingFinding {
  code: FindingCode
  severity: Severity
  /** `agent:…`, `principal:…` or `trait:…`. */
  who: string
  /** What it is about; never a value. */
  object: string
  explanation: string
  remedy: string
  /** Uses that were counted. */
  count: number
}

/** @returns the gravest first, then by who and what */
export function findingsOf(material: Material): ProcessingFinding[] {
  const found = [
    ...agentsOf(material).flatMap((installed) => agentFindings(material, installed)),
    ...material.accesses.flatMap((access) => accessFindings(material, access)),
    ...material.principals.flatMap((principal) => idlePurposes(material, principal)),
    ...[...material.definitions.values()].flatMap((definition) => traitFindings(definition)),
  ]
  const rank = ({ severity }: ProcessingFinding): number => severities.indexOf(severity)
  return found.toSorted(
    (a, b) =>
      rank(a) - rank(b) ||
      findingCodes.indexOf(a.code) - findingCodes.indexOf(b.code) ||
      compare(`${a.who} ${a.object}`, `${b.who} ${b.object}`),
  )
}

const swapMs = 60_000

const compare = (one: string, other: string): number => (one === other ? 0 : one < other ? -1 : 1)

const isPersonal = (definition: TraitDefinition | undefined): boolean =>
  definition !== undefined && isVaulted(ruleClass(definition))

/** Over-declaration, of agents that have been there for the whole time: Art. 5(1)(c). */
function agentFindings(
  { accesses, definitions, since }: Material,
  { name, agent, plugin }: InstalledAgent,
): ProcessingFinding[] {
  if (plugin.state !== 'active' || plugin.installedAt > since) return []
  const who = `agent:${name}`
  const own = accesses.filter(({ actor }) => actor === who)
  const idle = [...agent.reads.traits, ...agent.reads.pii].filter(
    (key) => !own.some(({ kind, object }) => kind === 'read' && object === `trait:${key}`),
  )
  const silent = agent.proposes.filter(
    ({ purpose }) => !own.some((each) => each.kind === 'send' && each.purpose === purpose),
  )
  return [
    ...idle.map((key): ProcessingFinding => ({
      code: 'unused_read',
      severity: isPersonal(definitions.get(key)) ? 'medium' : 'low',
      who,
      object: `trait:${key}`,
      explanation: `${name} declares that it reads ${key}, and was not handed it since ${dayOf(since)}.`,
      remedy: `Install a version that leaves ${key} out of its reads, or have the policy permit what it waits for.`,
      count: 0,
    })),
    ...silent.map(({ purpose }): ProcessingFinding => ({
      code: 'unused_proposal',
      severity: 'low',
      who,
      object: `purpose:${purpose}`,
      explanation: `${name} declares that it proposes ${purpose}, and nothing of it was sent since ${dayOf(since)}.`,
      remedy: `Install a version that no longer proposes ${purpose}, or find out why the gate refuses it.`,
      count: 0,
    })),
  ]
}

const dayOf = (date: Date): string => date.toISOString().slice(0, 10)

function accessFindings(material: Material, access: AccessRow): ProcessingFinding[] {
  return [
    ...undeclared(material, access),
    ...withoutPurpose(access),
    ...specialUse(material, access),
  ]
}

/** What an agent used and its manifest does not name; of use that began before this version, nothing is said. */
function undeclared(material: Material, access: AccessRow): ProcessingFinding[] {
  const { actor, object, kind, count, firstAt } = access
  const installed = agentsOf(material).find(({ name }) => actor === `agent:${name}`)
  if (!installed) return []
  // The version before finishes what it began.
  if (firstAt.getTime() < installed.plugin.installedAt.getTime() + swapMs) return []
  const { agent, plugin, name } = installed
  if (object.startsWith('host:')) {
    const host = object.slice('host:'.length)
    if (plugin.manifest.network.some((each) => isHost(each.host, host))) return []
    return [
      {
        code: 'undeclared_recipient',
        severity: 'medium',
        who: actor,
        object,
        explanation: `${name} had ${count} messages sent to ${host}, which its manifest does not name.`,
        remedy: `Name ${host} in the plugin's network with its purpose and reason, or forbid the destination by a rule.`,
        count,
      },
    ]
  }
  if (isDeclared(agent, kind, object)) return []
  return [
    {
      code: 'undeclared_access',
      severity: 'high',
      who: actor,
      object,
      explanation: `${name} did ${kind} ${object}, which its manifest does not declare. The platform hands out what is declared, so this must not be possible.`,
      remedy: 'Remove the plugin, keep the audit log, and report it as a defect of the platform.',
      count,
    },
  ]
}

function isDeclared(agent: InstalledAgent['agent'], kind: string, object: string): boolean {
  const { reads, writes, proposes } = agent
  const trait = traitOf(object)
  if (kind === 'send') {
    return trait === undefined || proposes.some(({ fields }) => fields.includes(trait))
  }
  if (kind === 'write') return trait !== undefined && writes.includes(trait)
  if (trait !== undefined) return [...reads.traits, ...reads.pii].includes(trait)
  const property = object.startsWith('property:') ? object.slice('property:'.length) : undefined
  return property !== undefined && Object.values(reads.events).flat().includes(property)
}

const isHost = (pattern: string, host: string): boolean =>
  pattern.startsWith('*.') ? host.endsWith(pattern.slice(1)) : pattern === host

function withoutPurpose({ actor, kind, purpose, object, dataClass, count }: AccessRow) {
  if (!actor.startsWith('principal:') || kind !== 'read' || purpose !== '') return []
  if (!isVaulted(dataClass)) return []
  return [
    {
      code: 'read_without_purpose',
      severity: 'medium',
      who: actor,
      object,
      explanation: `${actor} read ${object} ${count} times, and has no purpose that it is for.`,
      remedy:
        'Create the principal anew with the purposes that it needs, and permit by rules for these alone.',
      count,
    } as const,
  ]
}

function specialUse(
  { definitions }: Material,
  { actor, kind, object, dataClass, count }: AccessRow,
): ProcessingFinding[] {
  const definition = definitions.get(traitOf(object) ?? '')
  const isSpecial = (definition ? ruleClass(definition) : dataClass) === 'special'
  if (!isSpecial || kind === 'export') return []
  return [
    {
      code: 'special_data_used',
      severity: 'high',
      who: actor,
      object,
      explanation: `${actor} did ${kind} ${object}, data of a special category, ${count} times.`,
      remedy:
        'Make sure that a ground of Art. 9(2) is on record for it, and that a data protection impact assessment covers it; else take the right away.',
      count,
    },
  ]
}

function idlePurposes(
  { accesses, since }: Material,
  { id, name, purposes, createdAt }: Material['principals'][number],
): ProcessingFinding[] {
  if (createdAt > since) return []
  const who = `principal:${id}`
  const used = new Set(
    accesses.flatMap(({ actor, purpose }) => (actor === who ? purpose.split(' ') : [])),
  )
  return purposes
    .filter((purpose) => !used.has(purpose))
    .map((purpose) => ({
      code: 'unused_purpose',
      severity: 'low',
      who,
      object: `purpose:${purpose}`,
      explanation: `${name} may read for ${purpose}, and read nothing since ${dayOf(since)}.`,
      remedy: `Revoke it, or create it anew without ${purpose}.`,
      count: 0,
    }))
}

function traitFindings(definition: TraitDefinition): ProcessingFinding[] {
  const { key, purposes, specialBy = [], dataClass, ttlMs } = definition
  const about = { who: `trait:${key}`, object: `trait:${key}`, count: 0 }
  const found: ProcessingFinding[] = []
  if (purposes.includes(noPurpose)) {
    found.push({
      ...about,
      code: 'nothing_to_be_used_for',
      severity: 'medium',
      explanation: `${key} is still worked out, and its sources leave no purpose that it may be used for.`,
      remedy: `Remove the plugin that writes it, or define its sources for a purpose that it serves.`,
    })
  }
  if (specialBy.length > 0 && dataClass !== 'special') {
    found.push({
      ...about,
      code: 'special_by_inference',
      severity: 'medium',
      explanation: `${key} counts as a special category because of ${specialBy.join(', ')}.`,
      remedy:
        'Have an officer permit its use by a rule that names it, or define, with a reason, that it infers nothing.',
    })
  }
  if (isVaulted(dataClass) && ttlMs === undefined) {
    found.push({
      ...about,
      code: 'kept_without_end',
      severity: 'low',
      explanation: `${key} is personal data of class ${dataClass} and has no lifetime, so it is kept until the person is erased.`,
      remedy:
        'Define a ttl for it, or note why it is needed for as long as the person is a customer.',
    })
  }
  return found
}
