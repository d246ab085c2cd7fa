import type { PolicyAction, PolicySubject } from '../core/model/policy.ts'
import type { DataClass } from '../core/model/trait.ts'
import type { Row } from '../core/model/match.ts'
import type { Role } from '../core/model/principal.ts'
import { isContactNamespace } from '../core/model/identifier.ts'

/** The words a policy may use. What is not here cannot be written, so it cannot silently never match. */
export const actionsOf = {
  Profile: ['read', 'write', 'send'],
  Activation: ['read', 'propose', 'activate', 'administer', 'approve'],
  Event: ['read'],
  Consent: ['read', 'record', 'administer'],
  Decision: ['read'],
  Plugin: ['read', 'administer', 'approve'],
  Policy: ['read', 'write', 'approve'],
  Source: ['read', 'administer'],
  Principal: ['read', 'administer'],
  TraitDefinition: ['read', 'administer'],
  SubjectRequest: ['read', 'record', 'administer'],
  Budget: ['read', 'administer'],
  Objective: ['read', 'administer', 'approve'],
  AuditEntry: ['read'],
  Metric: ['read'],
} as const satisfies Record<PolicySubject, readonly PolicyAction[]>

/** What is ever asked of a rule that names agents: the rest of the platform is not theirs to reach. */
export const actionsOfAgents = {
  Profile: ['read', 'write', 'send'],
  Activation: ['propose', 'activate'],
  Event: ['read'],
} as const satisfies Partial<Record<PolicySubject, readonly PolicyAction[]>>

/** True for what is decided per purpose over a profile's row; the rest depends on who asks alone. */
export const isAboutProfile = (action: PolicyAction, subject: PolicySubject): boolean =>
  subject === 'Profile' || action === 'activate'

export type AttributeType = 'text' | 'boolean' | 'timestamp' | 'jsonb'

/**
 * What `when` may ask of a profile. A reader that filters in SQL maps each name to a column; `traits` is
 * the row's JSON, so traits kept in the vault are not there and cannot be asked for.
 */
export const profileAttributes = {
  traits: 'jsonb',
  createdAt: 'timestamp',
  updatedAt: 'timestamp',
  restricted: 'boolean',
  jurisdiction: 'text',
} as const satisfies Record<string, AttributeType>

/** The row that conditions are asked of, in JavaScript. An attribute left out is null. */
export interface ProfileRow extends Row {
  readonly traits: Row
  readonly createdAt?: Date
  readonly updatedAt?: Date
  readonly restricted?: boolean
  readonly jurisdiction?: string | null
}

/**
 * Who asks: a principal stands for its role, an agent for its name `plugin/agent`. Rules with placeholders also
 * ask for a principal's id and name; who is not known by them is refused there.
 */
export type Who =
  | {
      readonly kind: 'principal'
      readonly role: Role
      readonly id?: string
      readonly name?: string
    }
  | { readonly kind: 'agent'; readonly id: string }

/** One value of a profile, as rules see it. */
export interface Field {
  readonly kind: 'trait' | 'identifier'
  readonly key: string
  readonly dataClass: DataClass
}

/** Email and phone are contact data, every other identifier is a pseudonym. */
export const identifierField = (namespace: string): Field => ({
  kind: 'identifier',
  key: namespace,
  dataClass: isContactNamespace(namespace) ? 'contact' : 'pseudonymous',
})

/** CASL compares strings: class first, since a key may hold any character. */
export const fieldName = ({ kind, key, dataClass }: Field): string => `${dataClass}/${kind}:${key}`

/** Whether one of a rule's field patterns covers the field of that name. */
export function fieldMatches(patterns: readonly string[], name: string): boolean {
  const slash = name.indexOf('/')
  const ofClass = `class:${name.slice(0, slash)}`
  const key = name.slice(slash + 1)
  return patterns.some((pattern) =>
    pattern.startsWith('class:') ? pattern === ofClass : globMatches(pattern, key),
  )
}

/** `*` stands for any run of characters. Linear: each piece is looked for once, from left to right. */
export function globMatches(pattern: string, text: string): boolean {
  const pieces = pattern.split('*')
  const [first = '', ...rest] = pieces
  const last = rest.pop()
  if (last === undefined) return pattern === text
  if (!text.startsWith(first)) return false
  let from = first.length
  for (const piece of rest) {
    const at = text.indexOf(piece, from)
    if (at < 0) return false
    from = at + piece.length
  }
  return text.length - last.length >= from && text.endsWith(last)
}
