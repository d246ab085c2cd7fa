import { andPlans, notPlan, orPlans, when, always } from '../core/model/condition.ts'
import type { Plan } from '../core/model/condition.ts'
import { planMatcher } from '../core/model/match.ts'
import type { Matcher } from '../core/model/match.ts'
import { covers } from '../core/model/purpose.ts'
import { ruleClass, type TraitDefinition } from '../core/model/trait.ts'
import { rulingOf } from './ability.ts'
import type { Ability, FieldAction, Ruling } from './ability.ts'
import type { CheckedRule } from './document.ts'
import { guardRead } from './guard.ts'
import { identifierField } from './vocabulary.ts'
import type { Field, ProfileRow } from './vocabulary.ts'

/** What a caller may see of one field: as a condition for SQL, and as an answer for a loaded row. */
export interface FieldPlan {
  readonly plan: Plan
  /** About a microsecond; says which rule decided, for the caller's redactions. */
  visible(row: ProfileRow): Ruling
}

/** What a caller may see of profiles, worked out once and asked for every row. */
export interface ProfilePlan {
  /** Which profiles exist for the caller. */
  readonly row: FieldPlan
  trait(key: string): FieldPlan
  identifier(namespace: string): FieldPlan
}

export type Definitions = ReadonlyMap<string, TraitDefinition>

/**
 * Plans of all fields for a caller with these purposes. A field is visible when it is for one of the
 * purposes: the trait's definition allows the purpose, the law does not stand against it, no rule forbids
 * and one permits. A trait nobody defined is taken for a pseudonym that every purpose may use.
 *
 * Kept for as long as the ability and the definitions are the same objects.
 */
export function planProfile(
  ability: Ability,
  purposes: readonly string[],
  definitions: Definitions,
  action: FieldAction = 'read',
): ProfilePlan {
  const plans = kept.get(ability) ?? new Map<string, Kept>()
  kept.set(ability, plans)
  const key = [action, ...purposes].join('\n')
  const known = plans.get(key)
  if (known?.definitions === definitions) return known.plan
  const plan = createPlan(
    { ability, purposes: purposes.length === 0 ? [null] : purposes, action },
    definitions,
  )
  plans.set(key, { definitions, plan })
  return plan
}

/** For which profiles the policy lets a proposer's activation leave: `ability.activate` as one condition. */
export const planActivation = (ability: Ability, purpose: string, channel: string): Plan =>
  createRoute(always, ability.rulesForActivation(purpose, channel)).plan

interface Kept {
  readonly definitions: Definitions
  readonly plan: ProfilePlan
}

const kept = new WeakMap<Ability, Map<string, Kept>>()

interface Caller {
  readonly ability: Ability
  readonly purposes: readonly (string | null)[]
  readonly action: FieldAction
}

const fieldsMax = 10_000

function createPlan(caller: Caller, definitions: Definitions): ProfilePlan {
  const fields = new Map<string, FieldPlan>()
  const remembered = (name: string, create: () => FieldPlan): FieldPlan => {
    const known = fields.get(name)
    if (known !== undefined) return known
    if (fields.size >= fieldsMax) fields.clear()
    const plan = create()
    fields.set(name, plan)
    return plan
  }
  return {
    row: planField(caller, undefined, []),
    trait: (key) =>
      remembered(`trait:${key}`, () => {
        const definition = definitions.get(key) ?? undefinedTrait
        const field = { kind: 'trait', key, dataClass: ruleClass(definition) } as const
        return planField(caller, field, definition.purposes)
      }),
    identifier: (namespace) =>
      remembered(`identifier:${namespace}`, () =>
        planField(caller, identifierField(namespace), []),
      ),
  }
}

/** What is taken for granted of a trait that stands in the row and has no definition. */
export const undefinedTrait = {
  dataClass: 'pseudonymous',
  purposes: [],
} as const satisfies Partial<TraitDefinition>

/** True when values collected for these purposes may be used for that one; of none: for every purpose. */
export const isCompatible = (collectedFor: readonly string[], purpose: string | null): boolean =>
  collectedFor.length === 0 ||
  (purpose !== null && collectedFor.some((collected) => covers(collected, purpose)))

function planField(
  caller: Caller,
  field: Field | undefined,
  collectedFor: readonly string[],
): FieldPlan {
  const { ability, action } = caller
  const routes = caller.purposes
    .filter((purpose) => isCompatible(collectedFor, purpose))
    .map((purpose) => createRoute(guardRead(purpose), ability.rulesFor(action, purpose, field)))
  const otherwise = routes.length === 0 ? incompatible : noRule
  const visible = (row: ProfileRow): Ruling => {
    try {
      return decide(routes, row) ?? otherwise
    } catch (thrown) {
      ability.onError(`${action} ${field?.kind ?? 'row'}`, thrown)
      return failed
    }
  }
  return { plan: orPlans(routes.map((route) => route.plan)), visible }
}

const noRule: Ruling = { allowed: false, rule: null, reason: 'no_rule' }
const failed: Ruling = { allowed: false, rule: null, reason: 'evaluation_error' }
const incompatible: Ruling = { allowed: false, rule: null, reason: 'purpose_incompatible' }
const restricted: Ruling = { allowed: false, rule: null, reason: 'restricted' }

/** The way to a yes under one purpose; the first step that matches decides, refusals standing first. */
interface Route {
  readonly plan: Plan
  readonly steps: readonly Step[]
}

interface Step {
  readonly matches: Matcher
  readonly ruling: Ruling
}

function createRoute(guard: Plan, rules: readonly CheckedRule[]): Route {
  const guarded: Step = { matches: planMatcher(notPlan(guard)), ruling: restricted }
  const forbids = rules.filter((rule) => rule.effect === 'forbid')
  const permits = rules.filter((rule) => rule.effect === 'permit')
  return {
    plan: andPlans([guard, notPlan(orPlans(forbids.map(planOf))), orPlans(permits.map(planOf))]),
    steps: [guarded, ...[...forbids, ...permits].map(stepOf)],
  }
}

const planOf = ({ condition }: CheckedRule): Plan =>
  condition === undefined ? always : when(condition)

const stepOf = (rule: CheckedRule): Step => ({
  matches: planMatcher(planOf(rule)),
  ruling: rulingOf(rule),
})

/** The first yes of any route; else the first refusal that names a rule or the law. */
function decide(routes: readonly Route[], row: ProfileRow): Ruling | undefined {
  let refusal: Ruling | undefined
  for (const { steps } of routes) {
    const ruling = steps.find((step) => step.matches(row))?.ruling
    if (ruling?.allowed) return ruling
    refusal ??= ruling
  }
  return refusal
}
