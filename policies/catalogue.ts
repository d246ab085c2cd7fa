import type { PolicyRule } from '../core/model/policy.ts'
import type { PolicyLimit } from '../core/model/policyLimit.ts'
import { namespaceSchema } from '../core/model/identifier.ts'
import { nearest } from '../core/model/nearest.ts'
import { covers } from '../core/model/purpose.ts'
import { traitKeySchema } from '../core/model/trait.ts'
import type { TraitDefinition } from '../core/model/trait.ts'
import { checkFit } from './fit.ts'
import { looksLike } from './lookalike.ts'
import { createBudget } from './problem.ts'
import type { Budget, Report } from './problem.ts'
import { globMatches } from './vocabulary.ts'

/** What a workspace knows, that a policy may name. What is left out is not checked. */
export interface PolicyCatalogue {
  readonly traits?: readonly TraitDefinition[]
  /** Keys of purposes; their children need not be listed. */
  readonly purposes?: readonly string[]
  readonly channels?: readonly string[]
  /** Agents as `plugin/agent`. */
  readonly agents?: readonly string[]
}

/** Reports every name in the rules that stands for nothing, and every comparison that can never hold. */
export function checkNames(
  rules: readonly (PolicyRule | undefined)[],
  catalogue: PolicyCatalogue,
  report: Report,
): void {
  const budget = createBudget()
  for (const [at, rule] of rules.entries()) {
    if (rule === undefined) continue
    const path = `rules.${at}`
    checkFields(rule.fields ?? [], `${path}.fields`, { ...catalogue, budget }, report)
    checkListed(rule, path, catalogue, report)
    checkConditions(rule, path, catalogue, report)
  }
}

// A limit may be there before what it limits: these are what consent speaks of and where clients say it.
const channelsToCome = ['sms', 'push', 'ads']
const usualTimezoneTrait = 'timezone'

/** Likewise in the limits. */
export function checkLimitNames(
  limits: readonly PolicyLimit[],
  catalogue: PolicyCatalogue,
  report: Report,
): void {
  const budget = createBudget()
  for (const [at, limit] of limits.entries()) {
    const path = `limits.${at}`
    const { channels } = catalogue
    const known = { ...catalogue, ...(channels && { channels: [...channels, ...channelsToCome] }) }
    checkListed(limit, path, known, report)
    checkFields(limit.hash ?? [], `${path}.hash`, { ...catalogue, budget }, report)
    const key = limit.quietHours?.timezoneTrait
    if (key === undefined || key === usualTimezoneTrait || report.isFull()) continue
    const keys = catalogue.traits?.map((each) => each.key)
    if (keys === undefined || keys.includes(key)) continue
    const remedy = suggestion(key, keys, 'Define the trait first, or use one of')
    report(`${path}.quietHours.timezoneTrait`, key, 'no such trait', remedy)
  }
}

interface Listed {
  readonly part: 'purposes' | 'channels' | 'agents'
  readonly what: string
  readonly isKnown: (name: string, known: readonly string[]) => boolean
  readonly remedy: string
}

const listed: readonly Listed[] = [
  {
    part: 'purposes',
    what: 'purpose',
    // A purpose above those that are defined is no mistake: it stands for all of them.
    isKnown: (name, known) => known.some((each) => covers(each, name) || covers(name, each)),
    remedy: 'Define the purpose first, or use one of',
  },
  {
    part: 'channels',
    what: 'channel',
    isKnown: (name, known) => known.includes(name),
    remedy: 'Use one of',
  },
  {
    part: 'agents',
    what: 'agent',
    isKnown: (name, known) => known.some((each) => globMatches(name, each)),
    remedy: 'Install its plugin first, or use one of',
  },
]

function checkListed(
  rule: Partial<Pick<PolicyRule, Listed['part']>>,
  path: string,
  catalogue: PolicyCatalogue,
  report: Report,
): void {
  for (const { part, what, isKnown, remedy } of listed) {
    const known = catalogue[part]
    if (known === undefined) continue
    for (const [at, name] of (rule[part] ?? []).entries()) {
      if (name === '*' || isKnown(name, known)) continue
      if (report.isFull()) return
      const candidates = part === 'agents' ? [...known, ...known.map(allOfPlugin)] : known
      report(
        `${path}.${part}.${at}`,
        name,
        `no such ${what} here`,
        suggestion(name, candidates, remedy),
      )
    }
  }
}

const allOfPlugin = (agent: string): string => `${agent.split('/')[0] ?? ''}/*`

const candidatesShown = 12

function suggestion(name: string, known: readonly string[], remedy: string): string {
  const plain = looksLike(name)
  const meant = known.find((each) => each === plain?.plain) ?? nearest(name, known)
  if (meant !== undefined) {
    const hint = plain === undefined ? '' : ` Look-alike letters, such as ${plain.letter}, differ.`
    return `Did you mean ${meant}?${hint}`
  }
  const distinct = [...new Set(known)]
  const shown = distinct.slice(0, candidatesShown).join(', ') || 'those that there are (none yet)'
  return `${remedy} ${shown}${distinct.length > candidatesShown ? ', …' : ''}.`
}

function checkFields(
  fields: readonly string[],
  path: string,
  { traits, budget }: PolicyCatalogue & { readonly budget: Budget },
  report: Report,
): void {
  for (const [at, pattern] of fields.entries()) {
    if (report.isFull()) return
    const place = `${path}.${at}`
    const [kind = '', ...rest] = pattern.split(':')
    const key = rest.join(':')
    if (kind === 'identifier' && !couldBeNamespace(key)) {
      const remedy = 'Name a namespace such as email or ios.idfa; * stands for any letters.'
      report(place, pattern, 'no identifier can have such a namespace', remedy)
    }
    if (kind !== 'trait') continue
    if (!couldBeTrait(key)) {
      report(place, pattern, 'no trait can have such a key', 'Name a trait by its key.')
    } else if (traits !== undefined && !matchesSome(key, traits, budget)) {
      const known = traits.map((each) => each.key)
      const reason = key.includes('*') ? 'it matches no trait' : 'no such trait'
      report(
        place,
        pattern,
        reason,
        suggestion(key, known, 'Define the trait first, or use one of'),
      )
    }
  }
}

/** With the budget used up, no pattern is said to match nothing. */
function matchesSome(key: string, traits: readonly TraitDefinition[], budget: Budget): boolean {
  if (!key.includes('*')) return traits.some((each) => each.key === key)
  budget.letters -= key.length * traits.length
  return budget.letters < 0 || traits.some((each) => globMatches(key, each.key))
}

const traitLengthMax = 120

const couldBeNamespace = (pattern: string): boolean =>
  pattern.startsWith('*')
    ? /^[a-z0-9_.*]+$/.test(pattern) && pattern.replaceAll('*', '').length <= 60
    : namespaceSchema.safeParse(pattern.replaceAll('*', '')).success

const couldBeTrait = (pattern: string): boolean =>
  pattern.includes('*')
    ? pattern.replaceAll('*', '').length <= traitLengthMax
    : traitKeySchema.safeParse(pattern).success

function checkConditions(
  { when = {} }: PolicyRule,
  path: string,
  { traits }: PolicyCatalogue,
  report: Report,
): void {
  if (traits === undefined) return
  for (const [field, spec] of Object.entries(when)) {
    if (report.isFull()) return
    const [root, key = '', ...inner] = field.split('.')
    if (root !== 'traits') continue
    const place = `${path}.when.${field}`
    const definition = traits.find((each) => each.key === key)
    if (definition === undefined) {
      const known = traits.map((each) => each.key)
      const remedy = suggestion(key, known, 'Define the trait first, or use one of')
      report(place, key, 'no such trait', remedy)
    } else checkFit(spec, { schema: definition.schema, inner, key, path: place, report })
  }
}
