import { Ability as CaslAbility } from '@casl/ability'
import type { RawRuleFrom } from '@casl/ability'
import type { Clock } from '../core/clock.ts'
import { matcher } from '../core/model/match.ts'
import type { Row } from '../core/model/match.ts'
import type { Condition } from '../core/model/condition.ts'
import type { PolicyAction, PolicySubject } from '../core/model/policy.ts'
import { covers } from '../core/model/purpose.ts'
import type { CheckedRule, Policy } from './document.ts'
import { ruleFor } from './rule.ts'
import { fieldMatches, fieldName, globMatches, isAboutProfile } from './vocabulary.ts'
import type { Field, ProfileRow, Who } from './vocabulary.ts'
import { isInTime } from './window.ts'

/** An answer of the policy, with the rule that gave it; `no_rule` when no rule permits. */
export interface Ruling {
  readonly allowed: boolean
  readonly rule: string | null
  readonly reason: string
}

/** Told of every evaluation that failed; the answer was a refusal. Count it and raise the alarm. */
export type OnPolicyError = (where: string, thrown: unknown) => void

/** The rights of one kind of caller under one policy version, for the purposes it was compiled for. */
export interface Ability {
  readonly hash: string
  readonly who: Who
  readonly purposes: readonly string[]
  /** What does not look at a profile: "may this caller administer sources?" */
  may(action: PolicyAction, subject: PolicySubject): Ruling
  /** One value of one loaded profile. A null purpose is served by rules for `*` alone. */
  field(action: FieldAction, purpose: string | null, field: Field, row: ProfileRow): Ruling
  /** May this proposer's activation for this purpose leave by this channel for this profile? */
  activate(purpose: string, channel: string, row: ProfileRow): Ruling
  /** Rules on fields of profiles that could decide, forbids first; without a field, on the whole row. */
  rulesFor(action: FieldAction, purpose: string | null, field?: Field): readonly CheckedRule[]
  /** Rules on activations that could decide, forbids first. */
  rulesForActivation(purpose: string, channel: string): readonly CheckedRule[]
  readonly onError: OnPolicyError
}

export type FieldAction = 'read' | 'write' | 'send'

/**
 * What CASL is asked about. It recognises a subject by this class alone: the key `__caslSubjectType__`
 * in someone's data, which CASL would believe, says nothing here.
 */
class Asked {
  readonly type: PolicySubject
  readonly row: Row

  constructor(type: PolicySubject, row: Row) {
    this.type = type
    this.row = row
  }
}

type Rights = [string, PolicySubject | Asked]
type RawRule = RawRuleFrom<Rights, Condition>

const noRow: Row = {}
const noRule: Ruling = { allowed: false, rule: null, reason: 'no_rule' }
const failed: Ruling = { allowed: false, rule: null, reason: 'evaluation_error' }

/** Purpose is part of the action, so that CASL finds the few rules that matter by index (35 times faster). */
const actionName = (action: PolicyAction, purpose: string | null): string =>
  purpose === null ? action : `${action}:${purpose}`

/**
 * Compiles the rules that concern the caller. Permits come before forbids, because in CASL the last rule
 * that matches decides: so a forbid wins wherever the document has it.
 *
 * @param at when it is asked; without it, permits that are bound in time give nothing and forbids hold
 */
export function compileAbility(
  policy: Policy,
  who: Who,
  purposes: readonly string[],
  onError: OnPolicyError,
  at?: Date,
): Ability {
  const origins = new Map<RawRule, CheckedRule>()
  const asker = who.kind === 'principal' ? who : {}
  const concerned = policy.rules
    .filter((rule) => concerns(rule, who) && isInTime(rule, at))
    .flatMap((rule) => ruleFor(rule, asker) ?? [])
  for (const effect of ['permit', 'forbid']) {
    for (const rule of concerned.filter((each) => each.effect === effect)) {
      const raw = rawRule(rule, purposes)
      if (raw !== undefined) origins.set(raw, rule)
    }
  }
  const casl = createStrict([...origins.keys()])

  function decide(action: string, asked: Asked, field?: string): Ruling {
    try {
      const raw = casl.relevantRuleFor(action, asked, field)?.origin
      const rule = raw === undefined ? undefined : origins.get(raw)
      return rule === undefined ? noRule : rulingOf(rule)
    } catch (thrown) {
      onError(`${action} on ${asked.type}`, thrown)
      return failed
    }
  }

  const rulesOf = (action: string, subject: PolicySubject, field?: string): CheckedRule[] =>
    casl.rulesFor(action, subject, field).flatMap(({ origin }) => origins.get(origin) ?? [])

  return {
    hash: policy.hash,
    who,
    purposes,
    onError,
    may: (action, subject) =>
      isAboutProfile(action, subject) ? noRule : decide(action, new Asked(subject, noRow)),
    field: (action, purpose, field, row) =>
      decide(actionName(action, purpose), new Asked('Profile', row), fieldName(field)),
    activate: (purpose, channel, row) =>
      decide(actionName('activate', purpose), new Asked('Activation', row), channel),
    rulesFor: (action, purpose, field) =>
      rulesOf(actionName(action, purpose), 'Profile', field && fieldName(field)),
    rulesForActivation: (purpose, channel) =>
      rulesOf(actionName('activate', purpose), 'Activation', channel),
  }
}

const abilitiesMax = 2000

/**
 * Abilities by content of the policy, kind of caller and purposes, where rules are bound in time also by which
 * of them count, and where rules ask for the principal also by principal: compiling costs a few hundred
 * microseconds, asking a prebuilt one about one.
 */
export function createAbilities(onError: OnPolicyError, clock?: Pick<Clock, 'now'>) {
  const compiled = new Map<string, Ability>()
  return (policy: Policy, asker: Who, purposes: readonly string[]): Ability => {
    const who = callerOf(policy, asker)
    const distinct = [...new Set(purposes)].toSorted()
    const at = policy.boundaries.length === 0 ? undefined : clock?.now()
    const period = at && policy.boundaries.filter((each) => each <= at.getTime()).length
    const key = [policy.hash, period, callerKey(who), ...distinct].join('\n')
    const known = compiled.get(key)
    if (known !== undefined) return known
    if (compiled.size >= abilitiesMax) compiled.clear()
    const ability = compileAbility(policy, who, distinct, onError, at)
    compiled.set(key, ability)
    return ability
  }
}

/** As much of the caller as rules ask for: one ability then serves all principals of a role. */
function callerOf({ personalRoles }: Policy, who: Who): Who {
  if (who.kind === 'agent' || personalRoles.has(who.role)) return who
  return { kind: 'principal', role: who.role }
}

/** Quoted, since a principal's name may hold anything. */
function callerKey(who: Who): string {
  if (who.kind === 'agent') return `agent ${who.id}`
  const { role, id = null, name = null } = who
  return id === null && name === null
    ? `role ${role}`
    : `role ${role} ${JSON.stringify([id, name])}`
}

export const rulingOf = ({ id, effect, reason }: CheckedRule): Ruling => ({
  allowed: effect === 'permit',
  rule: id,
  reason,
})

/** Whether a rule is about this caller. */
export function concerns({ roles, agents }: CheckedRule, who: Who): boolean {
  if (who.kind === 'principal') return roles?.includes(who.role) ?? false
  return agents?.some((pattern) => globMatches(pattern, who.id)) ?? false
}

/** The rule in CASL's form, or nothing when it serves none of the purposes. */
function rawRule(rule: CheckedRule, purposes: readonly string[]): RawRule | undefined {
  const actions = isAboutProfile(rule.action, rule.subject)
    ? servedPurposes(rule, purposes).map((purpose) => actionName(rule.action, purpose))
    : [rule.action]
  if (actions.length === 0) return undefined
  const scope = rule.action === 'activate' ? rule.channels : rule.fields
  return {
    action: actions,
    subject: rule.subject,
    inverted: rule.effect === 'forbid',
    reason: rule.reason,
    ...(scope === undefined ? {} : { fields: scope }),
    ...(rule.condition === undefined ? {} : { conditions: rule.condition }),
  }
}

const servedPurposes = (rule: CheckedRule, purposes: readonly string[]): (string | null)[] =>
  [null, ...purposes].filter((purpose) => serves(rule, purpose))

/** Whether a rule is for this purpose; null is to have none. */
export function serves({ purposes = [] }: CheckedRule, purpose: string | null): boolean {
  if (purposes.includes('*')) return true
  return purpose !== null && purposes.some((granted) => covers(granted, purpose))
}

// The words that make CASL skip its index, `manage` and `all`, are replaced by ones no rule can hold.
const nobody = '\u0000'

function createStrict(rules: RawRule[]) {
  return new CaslAbility<Rights, Condition>(rules, {
    anyAction: nobody,
    anySubjectType: nobody,
    detectSubjectType: (asked) => asked.type,
    conditionsMatcher: (condition) => {
      const test = matcher(condition)
      return (asked) => {
        // A bare type has no row; asking by type would mean "for some profile", never an answer for one.
        return asked instanceof Asked && test(asked.row)
      }
    },
    fieldMatcher: (patterns) => (name) =>
      name.includes('/')
        ? fieldMatches(patterns, name)
        : patterns.some((pattern) => pattern === '*' || pattern === name),
  })
}
