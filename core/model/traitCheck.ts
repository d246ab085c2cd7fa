/** Trait schemas as functions: compiled once, then about a microsecond a value. */
import { isObject, jsonEqual, type Json, type JsonObject } from './json.ts'
import type { Format, TraitSchema, ValueTypeName } from './traitSchema.ts'

/**
 * Gives the place in the schema that refuses a value, such as `/properties/age/maximum`, or undefined for
 * a value that fits. Nothing of the value is in it: it may be personal data.
 */
export type TraitCheck = (value: Json) => string | undefined

export function compileTraitSchema(schema: TraitSchema): TraitCheck {
  const checks = [
    ...valueChecks(schema),
    ...numberChecks(schema),
    ...textChecks(schema),
    ...arrayChecks(schema),
    ...objectChecks(schema),
  ]
  return (value) => {
    for (const check of checks) {
      const refused = check(value)
      if (refused !== undefined) return refused
    }
    return undefined
  }
}

const only =
  (keyword: string, fits: (value: Json) => boolean): TraitCheck =>
  (value) =>
    fits(value) ? undefined : `/${keyword}`

const within =
  (place: string, check: TraitCheck): TraitCheck =>
  (value) => {
    const refused = check(value)
    return refused === undefined ? undefined : `/${place}${refused}`
  }

function valueChecks({ type, enum: members, const: constant }: TraitSchema): TraitCheck[] {
  const checks: TraitCheck[] = []
  if (type !== undefined) {
    const types = new Set(typeof type === 'string' ? [type] : type)
    checks.push(only('type', (value) => isOf(types, value)))
  }
  if (members !== undefined) {
    checks.push(only('enum', (value) => members.some((member) => jsonEqual(member, value))))
  }
  if (constant !== undefined) checks.push(only('const', (value) => jsonEqual(constant, value)))
  return checks
}

function isOf(types: ReadonlySet<ValueTypeName>, value: Json): boolean {
  if (value === null) return types.has('null')
  if (Array.isArray(value)) return types.has('array')
  if (typeof value === 'number') {
    return types.has('number') || (types.has('integer') && Number.isInteger(value))
  }
  if (typeof value === 'string') return types.has('string')
  return types.has(typeof value === 'boolean' ? 'boolean' : 'object')
}

/** A keyword says nothing of values of another type; a missing keyword says nothing at all. */
const aboutNumbers = <T>(
  keyword: string,
  limit: T | undefined,
  fits: (value: number, limit: T) => boolean,
): TraitCheck[] =>
  limit === undefined
    ? []
    : [only(keyword, (value) => typeof value !== 'number' || fits(value, limit))]

const numberChecks = (schema: TraitSchema): TraitCheck[] => [
  ...aboutNumbers('minimum', schema.minimum, (value, limit) => value >= limit),
  ...aboutNumbers('maximum', schema.maximum, (value, limit) => value <= limit),
  ...aboutNumbers('exclusiveMinimum', schema.exclusiveMinimum, (value, limit) => value > limit),
  ...aboutNumbers('exclusiveMaximum', schema.exclusiveMaximum, (value, limit) => value < limit),
  ...aboutNumbers('multipleOf', schema.multipleOf, isMultiple),
]

/** 0.3 / 0.1 is 2.9999999999999996: a billionth of a step is taken for none. */
const isMultiple = (value: number, step: number): boolean => {
  const times = value / step
  return Math.abs(times - Math.round(times)) <= 1e-9
}

function textChecks({ minLength, maxLength, format }: TraitSchema): TraitCheck[] {
  const checks: TraitCheck[] = []
  const about = (keyword: string, fits: (text: string) => boolean): void =>
    void checks.push(only(keyword, (value) => typeof value !== 'string' || fits(value)))
  if (minLength !== undefined) about('minLength', (text) => lengthOf(text) >= minLength)
  if (maxLength !== undefined) about('maxLength', (text) => lengthOf(text) <= maxLength)
  if (format !== undefined) about('format', isInFormat[format])
  return checks
}

/** In characters as JSON Schema counts them: a pair of surrogates is one. */
function lengthOf(text: string): number {
  let length = text.length
  for (let at = 1; at < text.length; at += 1) {
    const [before, here] = [text.charCodeAt(at - 1), text.charCodeAt(at)]
    if (before >= 0xd800 && before <= 0xdbff && here >= 0xdc00 && here <= 0xdfff) length -= 1
  }
  return length
}

// Of fixed length or without a repeated choice: none of these can backtrack.
const dateShape = /^\d{4}-\d\d-\d\d$/
const timeShape =
  /^[Tt]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)$/
const uuidShape = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i
const uriLengthMax = 2000
const emailLengthMax = 254

const isInFormat: Readonly<Record<Format, (text: string) => boolean>> = {
  date: isDate,
  'date-time': (text) =>
    text.length <= 40 && isDate(text.slice(0, 10)) && timeShape.test(text.slice(10)),
  email: isEmail,
  uri: (text) => text.length <= uriLengthMax && URL.canParse(text),
  uuid: (text) => uuidShape.test(text),
}

/** A day that the calendar has: 2026-02-30 is none. */
function isDate(text: string): boolean {
  if (!dateShape.test(text)) return false
  const day = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text)
}

function isEmail(text: string): boolean {
  if (text.length > emailLengthMax || /\s/.test(text)) return false
  const at = text.indexOf('@')
  const domain = text.slice(at + 1)
  const dot = domain.lastIndexOf('.')
  return at > 0 && !domain.includes('@') && dot > 0 && dot < domain.length - 1
}

function arrayChecks({ items, minItems, maxItems, uniqueItems }: TraitSchema): TraitCheck[] {
  const checks: TraitCheck[] = []
  const about = (keyword: string, fits: (list: Json[]) => boolean): void =>
    void checks.push(only(keyword, (value) => !Array.isArray(value) || fits(value)))
  if (minItems !== undefined) about('minItems', (list) => list.length >= minItems)
  if (maxItems !== undefined) about('maxItems', (list) => list.length <= maxItems)
  if (uniqueItems === true) {
    // By text: comparing each with each would take the square of a long list.
    about('uniqueItems', (list) => new Set(list.map(canonical)).size === list.length)
  }
  if (items !== undefined) {
    const item = within('items', compileTraitSchema(items))
    checks.push((value) => (Array.isArray(value) ? firstOf(value, item) : undefined))
  }
  return checks
}

function firstOf(values: readonly Json[], check: TraitCheck): string | undefined {
  for (const value of values) {
    const refused = check(value)
    if (refused !== undefined) return refused
  }
  return undefined
}

/** Text that is the same for equal values, whatever the order of keys. */
function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (!isObject(value)) return JSON.stringify(value)
  const keys = Object.keys(value).toSorted()
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key] ?? null)}`).join(',')}}`
}

function objectChecks({ properties, required, additionalProperties }: TraitSchema): TraitCheck[] {
  const checks: TraitCheck[] = []
  const about = (check: (value: JsonObject) => string | undefined): void =>
    void checks.push((value) => (isObject(value) ? check(value) : undefined))
  if (required !== undefined) {
    about((value) => (required.every((key) => Object.hasOwn(value, key)) ? undefined : '/required'))
  }
  const known = new Map(
    Object.entries(properties ?? {}).map(([key, schema]) => [
      key,
      within(`properties/${escaped(key)}`, compileTraitSchema(schema)),
    ]),
  )
  const other = checkOfOthers(additionalProperties)
  if (known.size === 0 && other === undefined) return checks
  about((value) => {
    for (const key in value) {
      const check = known.get(key) ?? other
      const refused = check?.(value[key] ?? null)
      if (refused !== undefined) return refused
    }
    return undefined
  })
  return checks
}

function checkOfOthers(allowed: TraitSchema['additionalProperties']): TraitCheck | undefined {
  if (allowed === undefined || allowed === true) return undefined
  // Which property it is stays untold: its name is the writer's, and may be personal.
  return allowed === false
    ? () => '/additionalProperties'
    : within('additionalProperties', compileTraitSchema(allowed))
}

/** As a JSON pointer has it. */
const escaped = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1')
