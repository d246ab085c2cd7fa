import { fail } from '../errors.ts'
import type { Condition, Plan, Scalar, ValueType } from './condition.ts'

/** A loaded row; dates stand for timestamps. */
export type Row = { readonly [field: string]: unknown }

export type Matcher = (row: unknown) => boolean

/** Compiles a condition once, so that a row costs a few calls and no look at the condition's shape. */
export function matcher(condition: Condition): Matcher {
  if (condition.op === 'and' || condition.op === 'or') {
    const tests = condition.conditions.map(matcher)
    return condition.op === 'and' ? every(tests) : some(tests)
  }
  if (condition.op === 'not') return negated(matcher(condition.condition))
  return fieldMatcher(condition)
}

/** True when the row satisfies the condition. @example matches({ op: 'eq', field: 'traits.plan', value: 'pro' }, row) */
export const matches = (condition: Condition, row: Row): boolean => matcher(condition)(row)

export function planMatcher(plan: Plan): Matcher {
  if (plan.kind === 'conditional') return matcher(plan.condition)
  const answer = plan.kind === 'always'
  return () => answer
}

type FieldCondition = Exclude<Condition, { op: 'and' | 'or' | 'not' }>

function fieldMatcher(condition: FieldCondition): Matcher {
  const test = valueTest(condition)
  if (condition.field === '') return (row) => test(row ?? null)
  const path = condition.field.split('.')
  return (row) => test(valueAt(row, path))
}

function valueTest(condition: FieldCondition): (value: unknown) => boolean {
  switch (condition.op) {
    case 'eq':
      return equals(condition.value)
    case 'ne':
      return negated(equals(condition.value))
    case 'in':
      return some(condition.values.map(equals))
    case 'nin':
      return negated(some(condition.values.map(equals)))
    case 'lt':
      return ordered(condition.value, (order) => order < 0)
    case 'lte':
      return ordered(condition.value, (order) => order <= 0)
    case 'gt':
      return ordered(condition.value, (order) => order > 0)
    case 'gte':
      return ordered(condition.value, (order) => order >= 0)
    case 'exists':
      return (value) => (value !== null) === condition.value
    case 'size':
      return (value) => Array.isArray(value) && value.length === condition.value
    case 'type':
      return typed(condition.types)
    case 'all':
      return containsAll(condition.values)
    case 'elemMatch':
      return someElement(matcher(condition.condition))
    default:
      throw fail('condition_invalid', {
        what: operatorOf(condition),
        reason: 'no such operator',
        remedy: 'Use an operator of core/model/condition.ts.',
      })
  }
}

// Only data that went round the type checker gets here.
const operatorOf = (condition: { op?: unknown }): string => String(condition.op)

function every(tests: readonly Matcher[]): Matcher {
  return (value) => tests.every((test) => test(value))
}

function some(tests: readonly Matcher[]): Matcher {
  return (value) => tests.some((test) => test(value))
}

function negated(test: Matcher): Matcher {
  return (value) => !test(value)
}

function someElement(test: Matcher): Matcher {
  return (value) => Array.isArray(value) && value.some((element) => test(element ?? null))
}

function typed(types: readonly ValueType[]): Matcher {
  return (value) => types.some((type) => type === typeOf(value))
}

function containsAll(values: readonly Scalar[]): Matcher {
  const tests = values.map(equals)
  return (value) =>
    Array.isArray(value) &&
    tests.length > 0 &&
    tests.every((test) => value.some((element) => test(element ?? null)))
}

function equals(wanted: Scalar): Matcher {
  if (typeof wanted !== 'string') return (value) => value === wanted
  return (value) =>
    value instanceof Date ? value.getTime() === Date.parse(wanted) : value === wanted
}

function ordered(wanted: string | number, accepts: (order: number) => boolean): Matcher {
  return (value) => {
    const order = compare(value, wanted)
    return order !== undefined && accepts(order)
  }
}

function compare(value: unknown, wanted: string | number): number | undefined {
  if (typeof value === 'number' && typeof wanted === 'number') return value - wanted
  if (typeof wanted !== 'string') return undefined
  if (typeof value === 'string') return compareText(value, wanted)
  return value instanceof Date ? value.getTime() - Date.parse(wanted) : undefined
}

/** By code point, as Postgres orders UTF-8 under collation "C"; `<` would compare UTF-16 units. */
export function compareText(left: string, right: string): number {
  const length = Math.min(left.length, right.length)
  for (let at = 0; at < length; at++) {
    const order = unit(left, at) - unit(right, at)
    if (order !== 0) return order
  }
  return left.length - right.length
}

// Surrogates stand below U+E000 in UTF-16 and above it as code points: lift them over the rest.
function unit(text: string, at: number): number {
  const code = text.charCodeAt(at)
  return code >= 0xd800 && code <= 0xdfff ? code + 0x10000 : code
}

function valueAt(row: unknown, path: readonly string[]): unknown {
  let value: unknown = row
  for (const key of path) {
    if (!isRecord(value) || !Object.hasOwn(value, key)) return null
    value = value[key]
  }
  return value ?? null
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeOf(value) === 'object'
}

export function typeOf(value: unknown): ValueType | undefined {
  if (typeof value === 'string') return 'string'
  if (typeof value === 'number') return 'number'
  if (typeof value === 'boolean') return 'boolean'
  if (Array.isArray(value)) return 'array'
  if (value instanceof Date) return 'timestamp'
  return typeof value === 'object' && value !== null ? 'object' : undefined
}
