import { isVaulted, type DataClass, type TraitDefinition } from '../model/trait.ts'
import type { Json, JsonObject } from '../model/json.ts'
import { specialNames } from './specialNames.ts'

export interface Definitions extends ReadonlyMap<string, TraitDefinition> {
  /** The class of a trait without a definition that does not look personal; by default pseudonymous. */
  readonly unknownClass?: DataClass
}

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

// One character before the @ is enough: with `+` a long text and an @ at its end take seconds.
const emailLike = /[^\s@]@[^\s@]+\.[^\s@]{2,}/
const phoneLike = /^\+\d[\d\s().-]{6,}\d$/
const depthMax = 6

/**
 * The class of a trait nobody registered: sealed whenever it looks like personal data, else what the policy
 * makes of unknown traits.
 */
export function guessClass(
  key: string,
  value: Json,
  harmless: DataClass = 'pseudonymous',
): DataClass {
  const bare = bareName(key)
  if (specialNames.has(bare)) return 'special'
  return contactNames.has(bare) || looksPersonal(value, personalNames, 0) ? 'contact' : harmless
}

// What names a person among their traits names a product, a campaign or a shop in an event.
const ambiguousNames: ReadonlySet<string> = new Set(['name', 'location'])
const personalNames: ReadonlySet<string> = new Set([...contactNames, ...specialNames])
const eventNames: ReadonlySet<string> = new Set(
  [...personalNames].filter((name) => !ambiguousNames.has(name)),
)
const noNames: ReadonlySet<string> = new Set()

const bareName = (key: string): string => key.toLowerCase().replaceAll(/[_\-\s]/g, '')

/** Whether a text holds an email address, or is a phone number. */
export const holdsAddress = (text: string): boolean =>
  (text.includes('@') && emailLike.test(text)) || (text.startsWith('+') && phoneLike.test(text))

/** Whether a value, or one inside it, is an address or stands under one of the names. */
function looksPersonal(value: Json, names: ReadonlySet<string>, depth: number): boolean {
  if (typeof value === 'string') return holdsAddress(value)
  if (typeof value !== 'object' || value === null) return false
  // What is nested deeper than anyone reads is treated as personal rather than searched.
  if (depth === depthMax) return true
  if (Array.isArray(value)) return value.some((item) => looksPersonal(item, names, depth + 1))
  for (const key in value) {
    const inner = value[key]
    if (inner === undefined) continue
    if ((names.size > 0 && names.has(bareName(key))) || looksPersonal(inner, names, depth + 1))
      return true
  }
  return false
}

/** A registered class holds; one that was guessed gives way when a value looks more personal than the first. */
export function classOf(definitions: Definitions, key: string, value: Json): DataClass {
  const definition = definitions.get(key)
  if (!definition) return guessClass(key, value, definitions.unknownClass)
  return definition.guessed ? guessClass(key, value, definition.dataClass) : definition.dataClass
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

/** Parts traits into what may stand in a row and what belongs in the vault. */
export function split(definitions: Definitions, traits: JsonObject): Split {
  return partition(traits, (key, value) => isVaulted(classOf(definitions, key, value)))
}

/** The same for the properties of an event. A registered trait of the same name says what the value is. */
export function splitProperties(definitions: Definitions, properties: JsonObject): Split {
  return partition(properties, (key, value) => {
    const definition = definitions.get(key)
    if (definition && !definition.guessed) return isVaulted(definition.dataClass)
    return eventNames.has(bareName(key)) || looksPersonal(value, eventNames, 0)
  })
}

/** The same for its context, where a `name` is that of a library, a network or a campaign. */
export function splitContext(context: JsonObject): Split {
  return partition(
    context,
    (key, value) => sealedContext.has(key) || looksPersonal(value, noNames, 0),
  )
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
