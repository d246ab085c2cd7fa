import type { Condition, Scalar, ValueType } from '../core/model/condition.ts'
import type { Json } from '../core/model/json.ts'
import { compareText, matcher } from '../core/model/match.ts'
import { hasPlaceholder, nobodyYet } from './placeholder.ts'
import { collectProblems } from './problem.ts'
import { profileAttributes } from './vocabulary.ts'
import type { AttributeType } from './vocabulary.ts'
import { readWhen } from './when.ts'

/**
 * True only when no value at all meets everything that is asked of one field: two values at once, an empty
 * range, something of what must be missing. `spec` must have been read without a complaint.
 */
export function contradictsItself(field: string, spec: Json): boolean {
  if (hasPlaceholder(spec)) return false
  // As in a permit, whatever the rule: a forbid also matches what it cannot judge, which is not meant here.
  const { report } = collectProblems()
  const plain = { effect: 'permit', path: '', asker: nobodyYet, report } as const
  const condition = readWhen({ [field]: spec }, plain)
  if (condition === undefined) return false
  const names: Readonly<Record<string, AttributeType>> = profileAttributes
  const type = Object.hasOwn(names, field) ? (names[field] ?? 'jsonb') : 'jsonb'
  return neverHolds(partsOf(condition), type)
}

type Part = Exclude<Condition, { op: 'and' | 'or' | 'not' }>

const partsOf = (condition: Condition): Part[] => {
  if (condition.op === 'and') return condition.conditions.flatMap(partsOf)
  return condition.op === 'or' || condition.op === 'not' ? [] : [condition]
}

/** All parts are about one field. */
function neverHolds(parts: readonly Part[], type: AttributeType): boolean {
  const listed = candidatesOf(parts, type)
  if (listed !== undefined) {
    const tests = parts.map((part) => matcher({ ...part, field: '' }))
    return !listed.some((value) => tests.every((test) => test(value)))
  }
  const kinds = parts.flatMap((part) => kindOf(part) ?? [])
  if (new Set(kinds).size > 1) return true
  return kinds[0] === 'array' ? noList(parts) : noOrder(parts, type)
}

/** The only values that can hold, where the parts (or the type) list them. */
function candidatesOf(parts: readonly Part[], type: AttributeType): unknown[] | undefined {
  const lists = parts.flatMap((part): (readonly Scalar[])[] => {
    if (part.op === 'eq') return [[part.value]]
    if (part.op === 'in') return [part.values]
    return part.op === 'exists' && !part.value ? [[null]] : []
  })
  const [first] = type === 'boolean' ? [[true, false, null]] : lists
  return first?.map((value) =>
    type === 'timestamp' && typeof value === 'string' ? new Date(value) : value,
  )
}

function kindOf(part: Part): ValueType | undefined {
  if (part.op === 'all' || part.op === 'size' || part.op === 'elemMatch') return 'array'
  const isOrder = part.op === 'lt' || part.op === 'lte' || part.op === 'gt' || part.op === 'gte'
  if (!isOrder) return undefined
  return typeof part.value === 'number' ? 'number' : 'string'
}

function noList(parts: readonly Part[]): boolean {
  const sizes = parts.flatMap((part) => (part.op === 'size' ? [part.value] : []))
  const [size = Infinity] = sizes
  if (sizes.some((each) => each !== size)) return true
  const wanted = new Set(parts.flatMap((part) => (part.op === 'all' ? part.values : [])))
  const elements = parts.flatMap((part) => (part.op === 'elemMatch' ? [part.condition] : []))
  if (wanted.size > size || (elements.length > 0 && size === 0)) return true
  return elements.some((element) =>
    [...Map.groupBy(partsOf(element), ({ field }) => field).values()].some((each) =>
      neverHolds(each, 'jsonb'),
    ),
  )
}

function noOrder(parts: readonly Part[], type: AttributeType): boolean {
  const lows = parts.flatMap((part) => (part.op === 'gt' || part.op === 'gte' ? [part] : []))
  const highs = parts.flatMap((part) => (part.op === 'lt' || part.op === 'lte' ? [part] : []))
  return lows.some((low) =>
    highs.some((high) => {
      const order = compare(low.value, high.value, type)
      return order > 0 || (order === 0 && (low.op === 'gt' || high.op === 'lt'))
    }),
  )
}

/** Both of one type, since they are of one kind. */
function compare(left: string | number, right: string | number, type: AttributeType): number {
  if (typeof left === 'number' || typeof right === 'number') return Number(left) - Number(right)
  return type === 'timestamp' ? Date.parse(left) - Date.parse(right) : compareText(left, right)
}
