import type { Json, JsonObject } from '../core/model/json.ts'
import { isObject, jsonEqual } from '../core/model/json.ts'
import type { PolicyRule } from '../core/model/policy.ts'
import { covers } from '../core/model/purpose.ts'
import { dataClasses, isVaulted } from '../core/model/trait.ts'
import type { DataClass, TraitDefinition } from '../core/model/trait.ts'
import { isPlaceholder } from './placeholder.ts'
import type { Budget } from './problem.ts'
import { globMatches, identifierField, isAboutProfile } from './vocabulary.ts'
import { spans } from './window.ts'

type Traits = ReadonlyMap<string, TraitDefinition>

/**
 * True only when the one rule applies wherever, whenever and for whomever the other does, so that beside it
 * the other changes nothing (if both have the same effect) or gives nothing (if the one forbids and the other
 * permits). Not every such pair is found: what cannot be seen from the words of two rules, or not within the
 * budget, counts as different.
 */
export function coversRule(
  wide: PolicyRule,
  narrow: PolicyRule,
  traits: Traits,
  budget: Budget,
): boolean {
  if (wide.action !== narrow.action || wide.subject !== narrow.subject) return false
  if (!coversWho(wide, narrow) || !spans(wide, narrow)) return false
  if (!isAboutProfile(wide.action, wide.subject)) return true
  return (
    coversPurposes(wide, narrow) &&
    (wide.action === 'activate'
      ? coversChannels(wide, narrow)
      : coversFields(wide, narrow, traits, budget)) &&
    coversWhen(wide.when, narrow.when)
  )
}

function coversWho(wide: PolicyRule, narrow: PolicyRule): boolean {
  const roles = narrow.roles ?? []
  const agents = narrow.agents ?? []
  return (
    roles.every((role) => wide.roles?.includes(role)) &&
    // The other's stars are letters here: only a star of the wide pattern can stand for them.
    agents.every((agent) => wide.agents?.some((pattern) => globMatches(pattern, agent)))
  )
}

function coversPurposes({ purposes: wide = [] }: PolicyRule, { purposes = [] }: PolicyRule) {
  if (wide.includes('*')) return true
  return purposes.every((purpose) => wide.some((each) => covers(each, purpose)))
}

function coversChannels({ channels: wide }: PolicyRule, { channels }: PolicyRule): boolean {
  if (wide === undefined || wide.includes('*')) return true
  return channels !== undefined && channels.every((channel) => wide.includes(channel))
}

/** A forbid without fields hides the whole profile, which one that names every field does not. */
function coversFields(
  { fields: wide }: PolicyRule,
  { fields }: PolicyRule,
  traits: Traits,
  budget: Budget,
): boolean {
  if (wide === undefined) return true
  if (fields === undefined) return false
  if (dataClasses.every((each) => wide.includes(`class:${each}`))) return true
  return fields.every((field) => {
    budget.letters -= lettersOf(wide)
    if (budget.letters < 0) return false
    const dataClass = classOf(field, traits)
    return wide.some(
      (pattern) =>
        globMatches(pattern, field) ||
        (dataClass !== undefined && pattern === `class:${dataClass}`),
    )
  })
}

const lettersOf = (texts: readonly string[]): number =>
  texts.reduce((sum, text) => sum + text.length, 0)

/**
 * The class of the one value that a pattern names. Of traits only where it is certain: a value can be sealed
 * under an open definition, and then it is not handled as its definition says.
 */
function classOf(pattern: string, traits: Traits): DataClass | undefined {
  const colon = pattern.indexOf(':')
  const key = pattern.slice(colon + 1)
  if (pattern.includes('*')) return undefined
  if (pattern.startsWith('identifier:')) return identifierField(key).dataClass
  const dataClass = pattern.startsWith('trait:') ? traits.get(key)?.dataClass : undefined
  return dataClass !== undefined && isVaulted(dataClass) ? dataClass : undefined
}

/** Fewer conditions, each of which the other rule makes as well. */
function coversWhen(wide: JsonObject | undefined, narrow: JsonObject | undefined): boolean {
  return Object.entries(wide ?? {}).every(([field, spec]) => {
    const other = narrow !== undefined && Object.hasOwn(narrow, field) ? narrow[field] : undefined
    if (other === undefined) return false
    const operators = asOperators(other)
    return Object.entries(asOperators(spec)).every(
      ([operator, operand]) =>
        Object.hasOwn(operators, operator) && jsonEqual(operators[operator], operand),
    )
  })
}

const asOperators = (spec: Json): JsonObject =>
  isObject(spec) && !isPlaceholder(spec) ? spec : { $eq: spec }
