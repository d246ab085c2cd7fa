import { isVaulted, type DataClass, type TraitDefinition } from '../model/trait.ts'
import type { Json, JsonObject } from '../model/json.ts'

export type Definitions = ReadonlyMap<string, TraitDefinition>

// Names that clients give to personal data: Segment's reserved traits and their usual spellings, compared
// without case, `_`, `-` and spaces.
const contactNames: ReadonlySet<string> = new Set([
  'email',
  'emailaddress',
  'phone',
  'phonenumber',
  'mobile',
  'name',
  'firstname',
  'lastname',
  'fullname',
  'middlename',
  'surname',
  'username',
  'address',
  'street',
  'streetaddress',
  'birthday',
  'birthdate',
  'dateofbirth',
  'dob',
  'avatar',
  'ip',
  'ipaddress',
  'latitude',
  'longitude',
  'location',
  'iban',
  'cardnumber',
  'creditcard',
  'passport',
  'ssn',
  'nationalid',
  'taxid',
])

// Special categories of personal data, GDPR Art. 9(1).
const specialNames: ReadonlySet<string> = new Set([
  'religion',
  'ethnicity',
  'race',
  'politicalopinion',
  'politicalparty',
  'tradeunion',
  'health',
  'healthcondition',
  'diagnosis',
  'disability',
  'sexualorientation',
  'biometric',
  'genetic',
])

// One character before the @ is enough: with `+` a long text and an @ at its end take seconds.
const emailLike = /[^\s@]@[^\s@]+\.[^\s@]{2,}/
const phoneLike = /^\+\d[\d\s().-]{6,}\d$/
const depthMax = 6

/** The class of a value nobody registered: never `none`, and sealed whenever it looks like personal data. */
export function guessClass(key: string, value: Json): DataClass {
  const bare = key.toLowerCase().replaceAll(/[_\-\s]/g, '')
  if (specialNames.has(bare)) return 'special'
  if (contactNames.has(bare) || looksPersonal(value, 0)) return 'contact'
  return 'pseudonymous'
}

function looksPersonal(value: Json, depth: number): boolean {
  if (typeof value === 'string') {
    return (
      (value.includes('@') && emailLike.test(value)) ||
      (value.startsWith('+') && phoneLike.test(value))
    )
  }
  if (typeof value !== 'object' || value === null) return false
  // What is nested deeper than anyone reads is treated as personal rather than searched.
  if (depth === depthMax) return true
  if (Array.isArray(value)) return value.some((item) => looksPersonal(item, depth + 1))
  return Object.entries(value).some(([key, inner]) => {
    const bare = key.toLowerCase().replaceAll(/[_\-\s]/g, '')
    return contactNames.has(bare) || specialNames.has(bare) || looksPersonal(inner, depth + 1)
  })
}

/** A registered class holds; one that was guessed gives way when a value looks more personal than the first. */
export function classOf(definitions: Definitions, key: string, value: Json): DataClass {
  const definition = definitions.get(key)
  if (definition && !definition.guessed) return definition.dataClass
  const guess = guessClass(key, value)
  return definition && !isVaulted(guess) ? definition.dataClass : guess
}

// Event context that tells who or where somebody is.
const sealedContext: ReadonlySet<string> = new Set([
  'ip',
  'traits',
  'location',
  'device',
  'externalIds',
])

export interface Split {
  open: JsonObject
  sealed: JsonObject
}

/** Parts an object into what may stand in a row and what belongs in the vault. */
export function split(definitions: Definitions, values: JsonObject): Split {
  return partition(values, (key, value) => isVaulted(classOf(definitions, key, value)))
}

/** The same for the context of an event. */
export function splitContext(context: JsonObject): Split {
  return partition(context, (key, value) => sealedContext.has(key) || looksPersonal(value, 0))
}

function partition(values: JsonObject, isSealed: (key: string, value: Json) => boolean): Split {
  const open: JsonObject = {}
  let sealed: JsonObject | undefined
  for (const key in values) {
    const value = values[key]
    if (value === undefined) continue
    if (isSealed(key, value)) (sealed ??= {})[key] = value
    else open[key] = value
  }
  return { open, sealed: sealed ?? none }
}

const none: JsonObject = Object.freeze({})

export const isEmpty = (value: JsonObject): boolean => {
  for (const _ in value) return false
  return true
}
