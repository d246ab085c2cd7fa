import type { Condition, Scalar, ValueType } from '../core/model/condition.ts'
import type { Json, JsonObject } from '../core/model/json.ts'
import { isObject } from '../core/model/json.ts'
import { nearest } from '../core/model/nearest.ts'
import { askerField, askerFields, isPlaceholder } from './placeholder.ts'
import type { Asker } from './placeholder.ts'
import type { Report } from './problem.ts'
import { profileAttributes } from './vocabulary.ts'
import type { AttributeType } from './vocabulary.ts'

export interface Reading {
  readonly effect: 'permit' | 'forbid'
  readonly path: string
  /** Whose id and name placeholders stand for. */
  readonly asker: Asker
  readonly report: Report
  /** What there is to ask for; a profile's attributes where nothing is said. */
  readonly attributes?: Readonly<Record<string, AttributeType>>
}

/**
 * Reads a rule's `when` (MongoDB's words, as CASL takes them) into a condition. Strict, because the
 * library is not: there, an unknown operator or a misspelt field makes a forbid that never matches.
 *
 * In a permit, `$ne` and `$nin` need `$exists: true` beside them, or a missing value would be permitted.
 * In a forbid, a value that cannot be compared with what the rule names ("true" for true) counts as a
 * match: what we cannot judge we do not let pass.
 *
 * Undefined when something was reported, or when a placeholder asks what is not known of the asker.
 */
export function readWhen(when: JsonObject, reading: Reading): Condition | undefined {
  const entries = Object.entries(when)
  if (entries.length === 0) {
    reading.report(
      reading.path,
      when,
      'an empty condition would always hold',
      'Leave `when` out instead.',
    )
  }
  if (entries.length > conditionsMax) {
    const reason = `more than ${conditionsMax} conditions`
    return reading.report(reading.path, 'a long list', reason, 'Write several rules.')
  }
  return conjunction(
    entries.flatMap(([field, spec]): (Condition | undefined)[] => {
      const path = `${reading.path}.${field}`
      const type = attributeType(field, path, reading)
      return type === undefined ? [undefined] : readField({ ...reading, path, field, type }, spec)
    }),
  )
}

interface Place extends Reading {
  readonly field: string
  readonly type: AttributeType
}

const conditionsMax = 100
const operandsMax = 100

function attributeType(
  field: string,
  path: string,
  { report, attributes: names = profileAttributes }: Reading,
): AttributeType | undefined {
  if (field.startsWith('$')) {
    return report(
      path,
      field,
      'there are no operators at this level',
      'Write one rule for each case.',
    )
  }
  const [root = '', ...rest] = field.split('.')
  const type = Object.hasOwn(names, root) ? names[root] : undefined
  const nested = type === 'jsonb'
  if (type !== undefined && nested === rest.length > 0 && !rest.includes('')) return type
  const meant = nested ? undefined : nearest(root, Object.keys(names))
  const hint = meant === undefined || meant === root ? '' : `Did you mean ${meant}? `
  const known = Object.entries(names).map(([name, each]) =>
    each === 'jsonb' ? `${name}.<key>` : name,
  )
  return report(path, field, 'no such attribute', `${hint}Use ${known.join(' or ')}.`)
}

function readField(place: Place, spec: Json): (Condition | undefined)[] {
  if (Array.isArray(spec)) {
    return [
      place.report(
        place.path,
        spec,
        'a list compares with nothing',
        'Use $in, $all or $elemMatch.',
      ),
    ]
  }
  if (!isObject(spec) || isPlaceholder(spec)) {
    return [failClosed(place, comparison(place, 'eq', spec))]
  }
  const entries = Object.entries(spec)
  if (entries.length === 0) {
    return [
      place.report(place.path, spec, 'it names no operator', 'Use an operator such as $eq or $in.'),
    ]
  }
  checkPresence(place, spec)
  return entries.map(([operator, value]) =>
    failClosed(
      place,
      readOperator({ ...place, path: `${place.path}.${operator}` }, operator, value),
    ),
  )
}

function checkPresence({ effect, path, report }: Place, spec: JsonObject): void {
  const excludes = Object.hasOwn(spec, '$ne') || Object.hasOwn(spec, '$nin')
  if (effect !== 'permit' || !excludes || spec['$exists'] === true) return
  const remedy = 'Add "$exists": true beside it, or name the values you permit with $in.'
  report(path, spec, 'a missing value would be permitted', remedy)
}

const operators = '$eq $ne $lt $lte $gt $gte $in $nin $all $size $elemMatch $exists'.split(' ')

function readOperator(place: Place, operator: string, value: Json): Condition | undefined {
  const { field, path, report } = place
  switch (operator) {
    case '$eq':
    case '$ne':
      return comparison(place, operator === '$eq' ? 'eq' : 'ne', value)
    case '$lt':
    case '$lte':
    case '$gt':
    case '$gte':
      return order(place, operator, value)
    case '$in':
    case '$nin': {
      const values = list(place, value)
      return values && { op: operator === '$in' ? 'in' : 'nin', field, values }
    }
    case '$all': {
      const values = isInJson(place) ? list(place, value) : undefined
      return values && { op: 'all', field, values }
    }
    case '$exists':
      if (typeof value === 'boolean') return { op: 'exists', field, value }
      return report(path, value, 'not a boolean', 'Use true or false.')
    case '$size':
      if (!isInJson(place)) return undefined
      if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) {
        return { op: 'size', field, value }
      }
      return report(path, value, 'not a length', 'Use a whole number from 0.')
    case '$elemMatch':
      return isInJson(place) ? element(place, value) : undefined
    default:
      return report(path, operator, 'no such operator', operatorRemedy(operator))
  }
}

function operatorRemedy(operator: string): string {
  if (operator === '$regex' || operator === '$options') {
    return 'Regular expressions are not allowed; name the values with $in.'
  }
  const meant = nearest(operator, operators)
  const hint = meant === undefined ? '' : `Did you mean ${meant}? `
  return `${hint}Use one of ${operators.join(' ')}.`
}

const orders = { $lt: 'lt', $lte: 'lte', $gt: 'gt', $gte: 'gte' } as const

function order(place: Place, operator: keyof typeof orders, value: Json): Condition | undefined {
  const operand = isPlaceholder(value) ? null : scalar(place, value)
  if (operand === undefined) return undefined
  if (typeof operand === 'string' || typeof operand === 'number') {
    return { op: orders[operator], field: place.field, value: operand }
  }
  const remedy = 'Compare with a number, a text or a time.'
  return place.report(place.path, value, 'it has no order', remedy)
}

function comparison(place: Place, op: 'eq' | 'ne', value: Json): Condition | undefined {
  const operand = scalar(place, value)
  return operand === undefined ? undefined : { op, field: place.field, value: operand }
}

/** `{ "$eq": … }` asks of the element itself, `{ "name": … }` of its members. */
function element(place: Place, spec: Json): Condition | undefined {
  if (!isObject(spec) || Object.keys(spec).length === 0) {
    const remedy = 'Give a condition for one element.'
    return place.report(place.path, spec, 'it asks nothing of the elements', remedy)
  }
  const itself = Object.keys(spec).every((key) => key.startsWith('$'))
  const conditions = itself
    ? readField({ ...place, field: '' }, spec)
    : Object.entries(spec).flatMap(([field, inner]): (Condition | undefined)[] => {
        const path = `${place.path}.${field}`
        if (field.startsWith('$') || field.split('.').includes('')) {
          return [place.report(path, field, 'no such member', 'Name a member of the element.')]
        }
        return readField({ ...place, field, path }, inner)
      })
  const condition = conjunction(conditions)
  return condition && { op: 'elemMatch', field: place.field, condition }
}

function isInJson({ type, field, path, report }: Place): boolean {
  if (type !== 'jsonb') report(path, field, 'it is never a list', 'Compare it with $eq or $in.')
  return type === 'jsonb'
}

function list(place: Place, value: Json): Scalar[] | undefined {
  if (!Array.isArray(value) || value.length === 0 || value.length > operandsMax) {
    const remedy = 'List at least one value.'
    return place.report(place.path, value, 'not a list of 1 to 100 values', remedy)
  }
  const values = value.map((each) => scalar(place, each))
  return values.every((each) => each !== undefined) ? values : undefined
}

const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/

const accepts: Record<AttributeType, (value: Scalar) => boolean> = {
  jsonb: () => true,
  text: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
  timestamp: (value) =>
    typeof value === 'string' && isoTime.test(value) && !Number.isNaN(Date.parse(value)),
}

const remedyFor: Record<AttributeType, string> = {
  jsonb: 'Use a text, a number, true, false or null.',
  text: 'Use a text.',
  boolean: 'Use true or false, without quotes.',
  timestamp: 'Write the time as 2026-01-31T00:00:00Z.',
}

function scalar(place: Place, value: Json): Scalar | undefined {
  const { path, field, type, asker, report } = place
  if (isPlaceholder(value)) {
    const asked = askerField(value)
    if (asked !== undefined && (type === 'jsonb' || type === 'text')) return asker[asked]
    const known = askerFields.map((name) => `{"$principal": "${name}"}`).join(' or ')
    return asked === undefined
      ? report(path, value, 'no such placeholder', `Write ${known}.`)
      : report(path, value, `not a value of ${field}`, remedyFor[type])
  }
  if (typeof value === 'object' && value !== null) {
    return report(path, value, 'not a single value', remedyFor.jsonb)
  }
  if (value !== null && !accepts[type](value)) {
    return report(path, value, `not a value of ${field}`, remedyFor[type])
  }
  return value
}

/** Undefined as soon as one of the conditions could not be read. */
function conjunction(conditions: readonly (Condition | undefined)[]): Condition | undefined {
  if (!conditions.every((each) => each !== undefined)) return undefined
  const [only] = conditions
  return conditions.length === 1 ? only : { op: 'and', conditions }
}

/**
 * In a forbid: matches as well when the value is of a type that the rule does not speak of, and when an
 * attribute of the platform's own (jurisdiction, say) is not known. A trait may well be missing.
 */
function failClosed(
  { effect, type }: Place,
  condition: Condition | undefined,
): Condition | undefined {
  if (condition === undefined) return undefined
  const types = effect === 'forbid' ? comparableTypes(condition) : []
  if (types.length === 0 || !('field' in condition)) return condition
  const { field } = condition
  const incomparable: Condition = { op: 'not', condition: { op: 'type', field, types } }
  const unclear: Condition =
    type === 'jsonb'
      ? { op: 'and', conditions: [{ op: 'exists', field, value: true }, incomparable] }
      : incomparable
  return { op: 'or', conditions: [condition, unclear] }
}

/** Types of value that the condition can judge; none when it judges every value. */
function comparableTypes(condition: Condition): ValueType[] {
  const { op } = condition
  if (op === 'all' || op === 'size' || op === 'elemMatch') return ['array']
  if (op === 'in') return typesOf(condition.values)
  const compares = op === 'eq' || op === 'lt' || op === 'lte' || op === 'gt' || op === 'gte'
  return compares ? typesOf([condition.value]) : []
}

function typesOf(values: readonly Scalar[]): ValueType[] {
  const types = values.flatMap((value): ValueType[] => {
    if (typeof value === 'string') return ['string', 'timestamp']
    if (typeof value === 'number') return ['number']
    return typeof value === 'boolean' ? ['boolean'] : []
  })
  return [...new Set(types)]
}
