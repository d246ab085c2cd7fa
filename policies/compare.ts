import { isContactNamespace } from '../core/model/identifier.ts'
import type { PolicyAction, PolicySubject } from '../core/model/policy.ts'
import { policySubjects } from '../core/model/policy.ts'
import { roles } from '../core/model/principal.ts'
import type { DataClass } from '../core/model/trait.ts'
import { dataClasses } from '../core/model/trait.ts'
import { concerns, serves } from './ability.ts'
import { loosensLimits } from './compareLimits.ts'
import { compareCell } from './compareRules.ts'
import type { Budget, CellRule } from './compareRules.ts'
import type { CheckedRule, Policy } from './document.ts'
import { actionsOf, globMatches, isAboutProfile } from './vocabulary.ts'
import type { Who } from './vocabulary.ts'
import { windowCondition } from './window.ts'

/** One thing that somebody may do under one of two policies and not under the other, or not in the same cases. */
export interface AccessChange {
  /** A role, `plugin/agent`, `plugin/*` for the other agents of a plugin, or `*` for all other agents. */
  readonly who: string
  readonly action: PolicyAction
  readonly subject: PolicySubject
  /** Null is to have none, `*` is any that neither policy names; undefined where no purpose is asked for. */
  readonly purpose?: string | null
  /**
   * `class:contact`, `trait:plan_*`, `identifier:email`, or a channel (`*` for all, `*other` for those that
   * neither policy names); else nothing.
   */
  readonly target?: string
  readonly change: 'gained' | 'lost' | 'changed'
  /** There are cases that are permitted now and were not before. */
  readonly wider: boolean
  /** There are cases that were permitted and are not now. */
  readonly narrower: boolean
}

export interface Comparison {
  /** Somebody may do something that they might not before. What cannot be shown to be narrower counts as wider. */
  readonly widens: boolean
  readonly changes: readonly AccessChange[]
}

/** Cases looked at before the rest is taken to be wider: a second's work. */
const casesMax = 1_000_000
const targetsMax = 2000

/**
 * Compares what two policies permit, for everybody, everything and every purpose that one of them tells apart.
 * Of null (there was no policy) everything permitted is gained.
 *
 * @example comparePolicies(active, candidate).widens
 */
export function comparePolicies(before: Policy | null, after: Policy): Comparison {
  const was = (before?.rules ?? []).map(withTime)
  const is = after.rules.map(withTime)
  const both = [...was, ...is]
  const budget: Budget = { left: casesMax }
  const purposes = purposesOf(both)
  const changes = callersOf(both).flatMap(({ name, who }) => {
    const concerning = (rules: readonly CheckedRule[]) =>
      rules.filter((rule) => concerns(rule, who))
    return compareCaller(name, concerning(was), concerning(is), purposes, budget)
  })
  return {
    widens:
      changes.some(({ wider }) => wider) ||
      classifiesAnew(before, after) ||
      loosensLimits(before, after),
    changes,
  }
}

/** Traits that nobody defined move from one class to another, and so from one set of rules to another. */
export const classifiesAnew = (before: Policy | null, after: Policy): boolean =>
  before !== null && unknownTraitsOf(before) !== unknownTraitsOf(after)

export const unknownTraitsOf = ({ document }: Policy): DataClass =>
  document.unknownTraits ?? 'pseudonymous'

/** The bounds of a time-bound rule as part of its condition. */
function withTime(rule: CheckedRule): CheckedRule {
  const window = windowCondition(rule)
  if (window === undefined) return rule
  const conditions = rule.condition === undefined ? [window] : [window, rule.condition]
  return { ...rule, condition: { op: 'and', conditions } }
}

function compareCaller(
  who: string,
  was: readonly CheckedRule[],
  is: readonly CheckedRule[],
  purposes: readonly (string | null)[],
  budget: Budget,
): AccessChange[] {
  return policySubjects.flatMap((subject) =>
    actionsOf[subject].flatMap((action) => {
      const about = (rules: readonly CheckedRule[]) =>
        rules.filter((rule) => rule.subject === subject && rule.action === action)
      const [before, after] = [about(was), about(is)]
      if (isSame(before, after)) return []
      if (!isAboutProfile(action, subject)) {
        return compareTarget({ who, action, subject }, asCell(before), asCell(after), budget)
      }
      return purposes.flatMap((purpose) => {
        const serving = (rules: readonly CheckedRule[]) =>
          rules.filter((rule) => serves(rule, purpose))
        const [before_, after_] = [serving(before), serving(after)]
        if (isSame(before_, after_)) return []
        const cell = { who, action, subject, purpose: purpose === otherPurpose ? '*' : purpose }
        return compareTargets(cell, before_, after_, budget)
      })
    }),
  )
}

type Cell = Pick<AccessChange, 'who' | 'action' | 'subject' | 'purpose' | 'target'>

const asCell = (rules: readonly CheckedRule[]): CellRule[] =>
  rules.map(({ effect, condition }) => ({
    effect,
    atoms: [],
    ...(condition === undefined ? {} : { condition }),
  }))

/** What two lists of rules do in one cell is the same when they say the same, in whatever words and order. */
function isSame(before: readonly CheckedRule[], after: readonly CheckedRule[]): boolean {
  const meaning = (rules: readonly CheckedRule[]): string =>
    rules
      .map(({ effect, purposes, fields, channels, condition }) =>
        JSON.stringify([effect, purposes, fields, channels, condition]),
      )
      .toSorted()
      .join('\n')
  return meaning(before) === meaning(after)
}

function compareTarget(
  cell: Cell,
  before: readonly CellRule[],
  after: readonly CellRule[],
  budget: Budget,
): AccessChange[] {
  const found = compareCell(before, after, budget)
  if (!found.gains && !found.loses) return []
  const change = found.before ? (found.after ? 'changed' : 'lost') : 'gained'
  return [{ ...cell, change, wider: found.gains, narrower: found.loses }]
}

function compareTargets(
  cell: Cell,
  before: readonly CheckedRule[],
  after: readonly CheckedRule[],
  budget: Budget,
): AccessChange[] {
  const probes =
    cell.action === 'activate' ? channelsOf([...before, ...after]) : fieldsOf([...before, ...after])
  if (probes.length > targetsMax)
    return [{ ...cell, change: 'changed', wider: true, narrower: true }]
  const seen = new Set<string>()
  return probes.flatMap((probe) => {
    const inCell = (rules: readonly CheckedRule[]): CellRule[] =>
      rules.flatMap((rule) => cellRule(rule, probe))
    const found = compareTarget(
      { ...cell, target: probe.name },
      inCell(before),
      inCell(after),
      budget,
    )
    // Of traits and identifiers of one class that no rule names, one line tells enough.
    return found.filter((each) => {
      const key = JSON.stringify(each)
      return seen.has(key) ? false : seen.add(key)
    })
  })
}

/** Values or channels that a rule cannot tell apart, or those of one pattern. */
interface Probe {
  readonly name: string
  /** Whether a pattern holds for all of them, for none, or for some (null). */
  matches(pattern: string): boolean | null
}

function cellRule(rule: CheckedRule, probe: Probe): CellRule[] {
  const { effect, condition, action } = rule
  const patterns = action === 'activate' ? rule.channels : rule.fields
  const answers = (patterns ?? ['']).map((pattern) => ({
    pattern,
    answer: patterns === undefined ? true : probe.matches(pattern),
  }))
  const atoms = answers.filter(({ answer }) => answer === null).map(({ pattern }) => pattern)
  const always = answers.some(({ answer }) => answer === true)
  if (!always && atoms.length === 0) return []
  return [{ effect, atoms: always ? [] : atoms, ...(condition === undefined ? {} : { condition }) }]
}

function channelsOf(rules: readonly CheckedRule[]): Probe[] {
  const named = new Set(
    rules.flatMap(({ channels = [] }) => channels).filter((name) => name !== '*'),
  )
  const all = [...named].toSorted().map((name): Probe => ({
    name,
    matches: (pattern) => pattern === '*' || pattern === name,
  }))
  const name = named.size === 0 ? '*' : otherChannel
  return [...all, { name, matches: (pattern) => pattern === '*' }]
}

/** Every field is in one of these: of a class and with a name that no rule has a pattern for, or in a pattern. */
function fieldsOf(rules: readonly CheckedRule[]): Probe[] {
  const patterns = [...new Set(rules.flatMap(({ fields = [] }) => fields))].filter(
    (pattern) => !pattern.startsWith('class:'),
  )
  const unnamed = (['trait', 'identifier'] as const).flatMap((kind) =>
    classesOf(kind, '*').map((dataClass) => fieldProbe(`class:${dataClass}`, kind, dataClass)),
  )
  const named = patterns.toSorted().flatMap((name) => {
    const kind = name.startsWith('trait:') ? 'trait' : 'identifier'
    return classesOf(kind, name.slice(kind.length + 1)).map((dataClass) =>
      fieldProbe(name, kind, dataClass, name),
    )
  })
  return [...unnamed, ...named]
}

function classesOf(kind: 'trait' | 'identifier', key: string): readonly DataClass[] {
  if (kind === 'trait') return dataClasses
  if (key.includes('*')) return ['contact', 'pseudonymous']
  return [isContactNamespace(key) ? 'contact' : 'pseudonymous']
}

function fieldProbe(
  name: string,
  kind: 'trait' | 'identifier',
  dataClass: DataClass,
  own?: string,
): Probe {
  return {
    name,
    matches(pattern) {
      if (pattern.startsWith('class:')) return pattern === `class:${dataClass}`
      if (pattern === `${kind}:*`) return true
      if (own === undefined || !pattern.startsWith(`${kind}:`)) return false
      if (covers(pattern, own)) return true
      return overlaps(pattern, own) ? null : false
    },
  }
}

/** Every text of the narrower pattern is one of the wider; a star matches a star as any other character. */
const covers = (wider: string, narrower: string): boolean => globMatches(wider, narrower)

/** Whether some text is in both patterns. */
function overlaps(one: string, other: string): boolean {
  const known = new Map<string, boolean>()
  const meet = (a: number, b: number): boolean => {
    const key = `${a},${b}`
    const answer = known.get(key)
    if (answer !== undefined) return answer
    known.set(key, false)
    const found = step(a, b)
    known.set(key, found)
    return found
  }
  const step = (a: number, b: number): boolean => {
    if (a === one.length && b === other.length) return true
    if (one[a] === '*' && (meet(a + 1, b) || (b < other.length && meet(a, b + 1)))) return true
    if (other[b] === '*' && (meet(a, b + 1) || (a < one.length && meet(a + 1, b)))) return true
    return a < one.length && one[a] === other[b] && one[a] !== '*' && meet(a + 1, b + 1)
  }
  return meet(0, 0)
}

// No rule can name these.
const otherAgent = '\u0000'
const otherPurpose = '\u0000'
const otherChannel = '*other'

function callersOf(rules: readonly CheckedRule[]): { name: string; who: Who }[] {
  const patterns = new Set(rules.flatMap(({ agents = [] }) => agents))
  const named = new Set(
    [...patterns].flatMap((name) => (name === '*' ? [] : [name, name.replace(/\/.*/, '/*')])),
  )
  return [
    ...roles.map((role) => ({ name: role, who: { kind: 'principal', role } as const })),
    ...[...named].toSorted().map((name) => ({
      name,
      who: { kind: 'agent', id: name.replace('*', otherAgent) } as const,
    })),
    { name: '*', who: { kind: 'agent', id: `${otherAgent}/${otherAgent}` } },
  ]
}

/** A purpose that no rule names goes with its nearest ancestor that one does, or with all other purposes. */
function purposesOf(rules: readonly CheckedRule[]): (string | null)[] {
  const named = new Set(rules.flatMap(({ purposes = [] }) => purposes).filter((key) => key !== '*'))
  return [null, ...[...named].toSorted(), otherPurpose]
}
