import type { Json, JsonObject } from '../core/model/json.ts'
import { isObject } from '../core/model/json.ts'
import type { PolicyAction, PolicyRule, PolicySubject } from '../core/model/policy.ts'
import type { Role } from '../core/model/principal.ts'
import { dataClasses } from '../core/model/trait.ts'
import { askerField } from './placeholder.ts'
import { isAboutProfile } from './vocabulary.ts'

/**
 * What a rule says to the machine, as an English sentence, to be compared with what its author says it means.
 * Made from the machine's part alone.
 *
 * @example describeRule(rule) // "Apps may read contact data of profiles for service."
 */
export function describeRule(rule: PolicyRule): string {
  const parts = [
    `${whoOf(rule)} ${rule.effect === 'permit' ? 'may' : 'must never'} ${deedOf(rule)}`,
    purposesOf(rule),
    conditionsOf(rule.when),
    timeOf(rule),
  ]
  return `${capital(parts.filter((part) => part !== '').join(' '))}.`
}

export const rolesInWords: Readonly<Record<Role, string>> = {
  admin: 'administrators',
  app: 'apps',
  officer: 'compliance officers',
  operator: 'operators',
  auditor: 'auditors',
  metrics: 'metrics collectors',
}

function whoOf({ roles = [], agents = [] }: PolicyRule): string {
  const named = agents.filter((agent) => agent !== '*').map(agentInWords)
  const all = agents.includes('*') ? ['all agents'] : []
  return listed([...roles.map((role) => rolesInWords[role]), ...all, ...named], 'and')
}

function agentInWords(pattern: string): string {
  const [plugin = '', agent] = pattern.split('/')
  return agent === '*' ? `all agents of ${plugin}` : `the agent ${pattern}`
}

export const subjectsInWords: Readonly<Record<PolicySubject, string>> = {
  Profile: 'profiles',
  Event: 'events',
  Consent: 'consents',
  Activation: 'activations',
  Decision: 'decisions',
  Plugin: 'plugins',
  Policy: 'policies',
  Source: 'sources',
  Principal: 'principals',
  TraitDefinition: 'trait definitions',
  SubjectRequest: 'requests of data subjects',
  Budget: 'budgets',
  Objective: 'objectives',
  AuditEntry: 'the audit log',
  Metric: 'metrics',
}

const verbs: Readonly<Record<PolicyAction, string>> = {
  read: 'read',
  write: 'write',
  send: 'send out',
  activate: 'have leave',
  propose: 'propose',
  approve: 'approve',
  record: 'record',
  administer: 'administer',
}

function deedOf(rule: PolicyRule): string {
  const { action, subject, channels } = rule
  if (action === 'activate') {
    const ways =
      channels === undefined || channels.includes('*') ? 'any channel' : listed(channels, 'or')
    return `have activations leave by ${ways}`
  }
  if (!isAboutProfile(action, subject)) return `${verbs[action]} ${subjectsInWords[subject]}`
  return `${verbs[action]} ${fieldsOf(rule)} of profiles`
}

export const classesInWords: Readonly<Record<string, string>> = {
  none: 'non-personal data',
  pseudonymous: 'pseudonymous data',
  contact: 'contact data',
  sensitive: 'sensitive data',
  special: 'data of special categories',
}

function fieldsOf({ fields }: PolicyRule): string {
  if (fields === undefined) return 'anything'
  if (dataClasses.every((each) => fields.includes(`class:${each}`))) return 'all data'
  return listed(fields.map(fieldInWords), 'and')
}

function fieldInWords(pattern: string): string {
  const colon = pattern.indexOf(':')
  const kind = pattern.slice(0, colon)
  const key = plain(pattern.slice(colon + 1))
  if (kind === 'class') return classesInWords[key] ?? pattern
  const plural = key.includes('*')
  if (key === '*') return kind === 'trait' ? 'all traits' : 'all identifiers'
  if (kind === 'trait') return plural ? `the traits ${key}` : `the trait ${key}`
  return plural ? `the identifiers ${key}` : `the identifier ${key}`
}

function purposesOf({ purposes, effect }: PolicyRule): string {
  if (purposes === undefined) return ''
  if (purposes.includes('*')) return 'whatever the purpose'
  return `for ${listed(purposes, effect === 'permit' ? 'and' : 'or')}`
}

function conditionsOf(when: JsonObject | undefined): string {
  if (when === undefined) return ''
  const conditions = Object.entries(when).flatMap(([field, spec]) => tests(plain(field), spec))
  return `when ${listed(conditions, 'and')}`
}

/** Quoted where a name could be taken for a part of the sentence. */
const plain = (name: string): string => (/^[\w.*-]+$/.test(name) ? name : JSON.stringify(name))

function tests(field: string, spec: Json): string[] {
  if (!isObject(spec) || askerField(spec) !== undefined) return [test(field, '$eq', spec)]
  return Object.entries(spec).map(([operator, operand]) => test(field, operator, operand))
}

const comparisons: Readonly<Record<string, string>> = {
  $lt: 'is below',
  $lte: 'is at most',
  $gt: 'is above',
  $gte: 'is at least',
}

function test(field: string, operator: string, operand: Json): string {
  const values = Array.isArray(operand) ? operand.map(valueInWords) : [valueInWords(operand)]
  if (operand === null && operator === '$eq') return `${field} is missing`
  if (operand === null && operator === '$ne') return `${field} is present`
  switch (operator) {
    case '$eq':
    case '$in':
      return `${field} is ${listed(values, 'or')}`
    case '$ne':
    case '$nin':
      return `${field} is not ${listed(values, 'or')}`
    case '$exists':
      return `${field} is ${operand === true ? 'present' : 'missing'}`
    case '$all':
      return `${field} contains ${listed(values, 'and')}`
    case '$size':
      return `${field} has ${values.join('')} entries`
    case '$elemMatch':
      return `for an entry of ${field}, ${inElement(operand)}`
    default:
      return `${field} ${comparisons[operator] ?? operator} ${values.join('')}`
  }
}

function inElement(spec: Json): string {
  if (!isObject(spec)) return ''
  const itself = Object.keys(spec).every((key) => key.startsWith('$'))
  const conditions = itself
    ? tests('the entry', spec)
    : Object.entries(spec).flatMap(([field, inner]) => tests(plain(field), inner))
  return conditions.join(' and ')
}

function valueInWords(value: Json): string {
  const asked = askerField(value)
  if (asked !== undefined) return `the ${asked} of who asks`
  if (value === null) return 'missing'
  // Quoted unless it is one plain word, so that "true" and true do not read the same.
  if (typeof value === 'string' && /^(?!true$|false$|missing$)[A-Za-z][\w-]*$/.test(value))
    return value
  return JSON.stringify(value)
}

function timeOf({ from, until }: PolicyRule): string {
  const parts = [
    from === undefined ? '' : `from ${from}`,
    until === undefined ? '' : `until ${until}`,
  ]
  return parts.filter((part) => part !== '').join(' ')
}

export function listed(items: readonly string[], last: 'and' | 'or'): string {
  if (items.length < 2) return items.join('')
  return `${items.slice(0, -1).join(', ')} ${last} ${items.at(-1) ?? ''}`
}

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
