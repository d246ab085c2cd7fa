import type { Json, JsonObject } from '../core/model/json.ts'
import { isObject, jsonEqual } from '../core/model/json.ts'
import { typeOf } from '../core/model/match.ts'
import { nearest } from '../core/model/nearest.ts'
import { isPlaceholder } from './placeholder.ts'
import type { Report } from './problem.ts'

interface Place {
  /** JSON Schema of what is compared; undefined when nothing is said of it. */
  readonly schema: Json | undefined
  /** The trait's key, for the message. */
  readonly key: string
  readonly path: string
  readonly report: Report
}

/**
 * Reports comparisons that a trait's schema makes pointless: with a value of another type or outside of the
 * enumeration, by order where there is none, within what is no list. Says nothing where the schema does not.
 *
 * @param inner the path within the value, as in `traits.address.city`
 */
export function checkFit(spec: Json, place: Place & { readonly inner: readonly string[] }): void {
  const { inner, ...rest } = place
  let { schema } = rest
  for (const member of inner) {
    if (!allows(schema, 'object')) {
      const remedy = `Ask for \`traits.${place.key}\` itself, or correct the definition.`
      place.report(place.path, member, `${place.key} is ${nameOf(schema)}`, remedy)
      return
    }
    const properties = partOf(schema, 'properties')
    const next =
      isObject(properties) && Object.hasOwn(properties, member) ? properties[member] : undefined
    if (next === undefined && partOf(schema, 'additionalProperties') === false) {
      const known = isObject(properties) ? Object.keys(properties) : []
      const meant = nearest(member, known)
      const remedy =
        meant === undefined ? `Use one of ${known.join(', ')}.` : `Did you mean ${meant}?`
      place.report(place.path, member, `${place.key} has no such member`, remedy)
      return
    }
    schema = next
  }
  checkSpec(spec, { ...rest, schema })
}

function checkSpec(spec: Json, place: Place): void {
  if (!isObject(spec) || isPlaceholder(spec)) return checkValue(spec, place)
  for (const [operator, operand] of Object.entries(spec)) {
    checkOperator(operator, operand, { ...place, path: `${place.path}.${operator}` })
  }
}

function checkOperator(operator: string, operand: Json, place: Place): void {
  switch (operator) {
    case '$eq':
    case '$ne':
      return checkValue(operand, place)
    case '$in':
    case '$nin':
      return checkValues(operand, place)
    case '$lt':
    case '$lte':
    case '$gt':
    case '$gte':
      return checkOrder(operand, place)
    case '$size':
      return void isList(place)
    case '$all':
      if (isList(place)) checkValues(operand, { ...place, schema: partOf(place.schema, 'items') })
      return undefined
    case '$elemMatch':
      if (isList(place)) checkElement(operand, { ...place, schema: partOf(place.schema, 'items') })
      return undefined
    default:
      return undefined
  }
}

function checkElement(spec: Json, place: Place): void {
  if (!isObject(spec)) return
  if (Object.keys(spec).every((key) => key.startsWith('$'))) return checkSpec(spec, place)
  for (const [field, inner] of Object.entries(spec)) {
    checkFit(inner, { ...place, path: `${place.path}.${field}`, inner: field.split('.') })
  }
}

function checkValues(operand: Json, place: Place): void {
  if (!Array.isArray(operand)) return
  for (const [at, value] of operand.entries()) {
    checkValue(value, { ...place, path: `${place.path}.${at}` })
  }
}

/** A missing value is null, whatever the schema says. */
function checkValue(value: Json, { schema, key, path, report }: Place): void {
  if (value === null) return
  const type = isPlaceholder(value) ? 'string' : typeOf(value)
  if (type === undefined || !allows(schema, type)) {
    report(path, value, `${key} is ${nameOf(schema)}`, remedyFor(schema))
    return
  }
  if (isPlaceholder(value)) return
  const known = isObject(schema) ? (listOf(schema['enum']) ?? constantOf(schema)) : undefined
  if (known !== undefined && !known.some((each) => jsonEqual(each, value))) {
    const texts = known.map((each) => (typeof each === 'string' ? each : JSON.stringify(each)))
    const meant = typeof value === 'string' ? nearest(value, texts) : undefined
    const hint = meant === undefined ? '' : `Did you mean ${meant}? `
    const remedy = `${hint}Its values are ${texts.slice(0, 20).join(', ')}.`
    report(path, value, `${key} never has this value`, remedy)
    return
  }
  if (typeof value === 'number' && !Number.isInteger(value) && isWhole(schema)) {
    report(path, value, `${key} is a whole number`, 'Compare it with a whole number.')
  }
}

function checkOrder(operand: Json, { schema, key, path, report }: Place): void {
  const type = typeOf(operand)
  if ((type === 'number' || type === 'string') && !allows(schema, type)) {
    report(path, operand, `${key} is ${nameOf(schema)}`, remedyFor(schema))
  }
}

function isList({ schema, key, path, report }: Place): boolean {
  if (allows(schema, 'array')) return true
  report(path, key, `${key} is ${nameOf(schema)}, not a list`, 'Compare it with $eq or $in.')
  return false
}

const partOf = (schema: Json | undefined, name: string): Json | undefined =>
  isObject(schema) && Object.hasOwn(schema, name) ? schema[name] : undefined

const listOf = (value: Json | undefined): Json[] | undefined =>
  Array.isArray(value) ? value : undefined

const constantOf = (schema: JsonObject): Json[] | undefined =>
  schema['const'] === undefined ? undefined : [schema['const']]

/** The types a schema names; undefined when it names none. */
function typesOf(schema: Json | undefined): string[] | undefined {
  const type = partOf(schema, 'type')
  if (typeof type === 'string') return [type]
  return listOf(type)?.map(String)
}

function allows(schema: Json | undefined, type: string): boolean {
  const types = typesOf(schema)
  return (
    types === undefined || types.includes(type) || (type === 'number' && types.includes('integer'))
  )
}

const isWhole = (schema: Json | undefined): boolean => {
  const types = typesOf(schema) ?? []
  return types.includes('integer') && !types.includes('number')
}

const names: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  array: 'a list',
}

const nameOf = (schema: Json | undefined): string =>
  (typesOf(schema) ?? []).flatMap((type) => names[type] ?? []).join(' or ') || 'of another type'

const remedies: Readonly<Record<string, string>> = {
  string: 'Write a text in quotes.',
  number: 'Write a number without quotes.',
  integer: 'Write a whole number without quotes.',
  boolean: 'Use true or false, without quotes.',
  object: 'Ask for one of its members: traits.<key>.<member>.',
  array: 'Use $elemMatch, $all or $size.',
}

const remedyFor = (schema: Json | undefined): string =>
  (typesOf(schema) ?? []).flatMap((type) => remedies[type] ?? []).join(' Or: ') ||
  'Correct the comparison or the definition of the trait.'
