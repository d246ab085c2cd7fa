import type { SlateboardError } from '../core/errors.ts'
import { fail } from '../core/errors.ts'
import type { Condition, Scalar, ValueType } from '../core/model/condition.ts'
import type { Json, JsonObject } from '../core/model/json.ts'
import { isObject } from '../core/model/json.ts'
import { profileAttributes } from './vocabulary.ts'
import type { AttributeType } from './vocabulary.ts'

/**
 * Reads a rule's `when` (MongoDB's words, as CASL takes them) into a condition. Strict, because the
 * library is not: there, an unknown operator or a misspelt field makes a forbid that never matches.
 *
 * In a permit, `$ne` and `$nin` need `$exists: true` beside them, or a missing value would be permitted.
 * In a forbid, a value that cannot be compared with what the rule names ("true" for true) counts as a
 * match: what we cannot judge we do not let pass.
 *
 * @throws policy_invalid with the path, the value and the remedy
 */
export function parseWhen(when: JsonObject, effect: 'permit' | 'forbid', path: string): Condition {
  const entries = Object.entries(when)
  if (entries.length === 0) {
    throw refuse(path, when, 'an empty condition would always hold', 'Leave `when` out instead.')
  }
  const conditions = entries.flatMap(([field, spec]) => {
    const at = `${path}.${field}`
    return parseField({ field, type: attributeType(field, at), effect, path: at }, spec)
  })
  return conjunction(conditions)
}

interface Place {
  readonly field: string
  readonly type: AttributeType
  readonly effect: 'permit' | 'forbid'
  readonly path: string
}

const operandsMax = 100

function attributeType(field: string, path: string): AttributeType {
  if (field.startsWith('$')) {
    throw refuse(
      path,
      field,
      'there are no operators at this level',
      'Write one rule for each case.',
    )
  }
  const names: Readonly<Record<string, AttributeType>> = profileAttributes
  const [root = '', ...rest] = field.split('.')
  const type = Object.hasOwn(names, root) ? names[root] : undefined
  const nested = type === 'jsonb'
  if (type === undefined || nested !== rest.length > 0 || rest.includes('')) {
    const known = Object.keys(names).filter((name) => name !== 'traits')
    throw refuse(path, field, 'no such attribute', `Use traits.<key>, ${known.join(' or ')}.`)
  }
  return type
}

function parseField(place: Place, spec: Json): Condition[] {
  if (Array.isArray(spec)) {
    throw refuse(place.path, spec, 'a list compares with nothing', 'Use $in, $all or $elemMatch.')
  }
  if (!isObject(spec)) return [failClosed(place, comparison(place, 'eq', spec))]
  const entries = Object.entries(spec)
  if (entries.length === 0) {
    throw refuse(place.path, spec, 'it names no operator', 'Use an operator such as $eq or $in.')
  }
  const operators = new Map(entries)
  if (
    place.effect === 'permit' &&
    (operators.has('$ne') || operators.has('$nin')) &&
    operators.get('$exists') !== true
  ) {
    const remedy = 'Add "$exists": true beside it, or name the values you permit with $in.'
    throw refuse(place.path, spec, 'a missing value would be permitted', remedy)
  }
  return entries.map(([operator, value]) =>
    failClosed(
      place,
      parseOperator({ ...place, path: `${place.path}.${operator}` }, operator, value),
    ),
  )
}

const regexAdvice = 'Regular expressions are not allowed; name the values with $in.'

function parseOperator(place: Place, operator: string, value: Json): Condition {
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
    case '$nin':
      return {
        op: operator === '$in' ? 'in' : 'nin',
        field: place.field,
        values: list(place, value),
      }
    case '$all':
      return { op: 'all', field: place.field, values: list(inJson(place), value) }
    case '$exists':
      if (typeof value !== 'boolean')
        throw refuse(place.path, value, 'not a boolean', 'Use true or false.')
      return { op: 'exists', field: place.field, value }
    case '$size':
      if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
        throw refuse(place.path, value, 'not a length', 'Use a whole number from 0.')
      }
      return { op: 'size', field: inJson(place).field, value }
    case '$elemMatch':
      return element(inJson(place), value)
    default: {
      const known = '$eq $ne $lt $lte $gt $gte $in $nin $all $size $elemMatch $exists'
      const remedy = operator === '$regex' ? regexAdvice : `Use one of ${known}.`
      throw refuse(place.path, operator, 'no such operator', remedy)
    }
  }
}

const orders = { $lt: 'lt', $lte: 'lte', $gt: 'gt', $gte: 'gte' } as const

function order(place: Place, operator: keyof typeof orders, value: Json): Condition {
  const operand = scalar(place, value)
  if (typeof operand !== 'string' && typeof operand !== 'number') {
    throw refuse(place.path, value, 'it has no order', 'Compare with a number, a text or a time.')
  }
  return { op: orders[operator], field: place.field, value: operand }
}

const comparison = (place: Place, op: 'eq' | 'ne', value: Json): Condition => ({
  op,
  field: place.field,
  value: scalar(place, value),
})

/** `{ "$eq": … }` asks of the element itself, `{ "name": … }` of its members. */
function element(place: Place, spec: Json): Condition {
  if (!isObject(spec) || Object.keys(spec).length === 0) {
    throw refuse(
      place.path,
      spec,
      'it asks nothing of the elements',
      'Give a condition for one element.',
    )
  }
  const itself = Object.keys(spec).every((key) => key.startsWith('$'))
  const conditions = itself
    ? parseField({ ...place, field: '' }, spec)
    : Object.entries(spec).flatMap(([field, inner]) => {
        const path = `${place.path}.${field}`
        if (field.startsWith('$') || field.split('.').includes('')) {
          throw refuse(path, field, 'no such member', 'Name a member of the element.')
        }
        return parseField({ ...place, field, path }, inner)
      })
  return { op: 'elemMatch', field: place.field, condition: conjunction(conditions) }
}

function inJson(place: Place): Place {
  if (place.type === 'jsonb') return place
  throw refuse(place.path, place.field, 'it is never a list', 'Compare it with $eq or $in.')
}

function list(place: Place, value: Json): Scalar[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > operandsMax) {
    throw refuse(place.path, value, 'not a list of 1 to 100 values', 'List at least one value.')
  }
  return value.map((each) => scalar(place, each))
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

function scalar(place: Place, value: Json): Scalar {
  if (typeof value === 'object' && value !== null) {
    throw refuse(place.path, value, 'not a single value', remedyFor.jsonb)
  }
  if (typeof value === 'string' && (!value.isWellFormed() || value.includes('\u0000'))) {
    throw refuse(place.path, 'a text', 'it holds a broken character', 'Remove the character.')
  }
  if (value !== null && !accepts[place.type](value)) {
    throw refuse(place.path, value, `not a value of ${place.field}`, remedyFor[place.type])
  }
  return value
}

const conjunction = (conditions: Condition[]): Condition => {
  const [only] = conditions
  return only !== undefined && conditions.length === 1 ? only : { op: 'and', conditions }
}

/**
 * In a forbid: matches as well when the value is of a type that the rule does not speak of, and when an
 * attribute of the platform's own (jurisdiction, say) is not known. A trait may well be missing.
 */
function failClosed({ effect, type }: Place, condition: Condition): Condition {
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

/** The one shape in which a policy is refused: where, what stood there, why, and what to write instead. */
export function refuse(
  path: string,
  value: unknown,
  reason: string,
  remedy: string,
): SlateboardError {
  const shown = (JSON.stringify(value) ?? 'missing').slice(0, 80)
  return fail('policy_invalid', { path, value: shown, reason, remedy })
}
