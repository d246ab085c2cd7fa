/**
 * A condition on traits as a path of Postgres (SQL/JSON, `jsonpath`), for where conditions are data and not text of the
 * statement. It gives true or false of every object, and the same as `core/model/match.ts` does.
 *
 * Strict paths, since lax ones look inside arrays by themselves. In them what is missing, or of another type than it is
 * compared with, makes a comparison unknown and not false, and `!` of that is unknown too. So each leaf is made
 * certain where it stands.
 */
import { fail } from '../core/errors.ts'
import type { Condition, Scalar, ValueType } from '../core/model/condition.ts'

/**
 * @param condition its fields are `traits.<key>`, and so on below a trait, and `intervals.<key>.<bound>`
 * @returns a path on the traits; where it asks for intervals, of the provenance as the variable `made`
 */
export const conditionToJsonPath = (condition: Condition): string =>
  `strict ${compile(condition, rootPath)}`

function rootPath(field: string): string {
  const [root, key = '', ...rest] = field.split('.')
  return root === 'intervals'
    ? pathOf('$made', [key, 'interval', ...rest])
    : pathOf('$', field.split('.').slice(1))
}

type Resolve = (field: string) => string

function compile(condition: Condition, resolve: Resolve): string {
  switch (condition.op) {
    case 'and':
      return joined(condition.conditions, resolve, ' && ', always)
    case 'or':
      return joined(condition.conditions, resolve, ' || ', never)
    case 'not':
      return `!(${compile(condition.condition, resolve)})`
    case 'eq':
    case 'ne':
      return negatedIf(condition.op === 'ne', among(resolve(condition.field), [condition.value]))
    case 'in':
    case 'nin':
      return negatedIf(condition.op === 'nin', among(resolve(condition.field), condition.values))
    case 'lt':
    case 'lte':
    case 'gt':
    case 'gte':
      return certain(
        `${resolve(condition.field)} ${orders[condition.op]} ${literal(condition.value)}`,
      )
    case 'exists':
      return negatedIf(condition.value, missing(resolve(condition.field)))
    case 'size': {
      const path = resolve(condition.field)
      return certain(`${path}.type() == "array" && ${path}.size() == ${condition.value}`)
    }
    case 'type':
      return typed(resolve(condition.field), condition.types)
    case 'all':
      return containsAll(resolve(condition.field), condition.values)
    case 'elemMatch':
      return someElement(resolve(condition.field), condition.condition)
    default:
      throw fail('condition_invalid', {
        what: JSON.stringify(condition),
        reason: 'no such operator',
        remedy: 'Use an operator of core/model/condition.ts.',
      })
  }
}

const always = '(1 == 1)'
const never = '(1 == 0)'
const orders = { lt: '<', lte: '<=', gt: '>', gte: '>=' } as const

function joined(all: readonly Condition[], resolve: Resolve, glue: string, none: string): string {
  return all.length === 0 ? none : `(${all.map((each) => compile(each, resolve)).join(glue)})`
}

const negatedIf = (isNegated: boolean, predicate: string): string =>
  isNegated ? `!(${predicate})` : predicate

/** False where the predicate is unknown. */
const certain = (predicate: string): string => `((${predicate}) && !((${predicate}) is unknown))`

/** Null stands for what is missing. */
const missing = (path: string): string =>
  `((exists (${path})) is unknown || ${certain(`${path} == null`)})`

function among(path: string, values: readonly Scalar[]): string {
  const tests = values.map((value) =>
    value === null ? missing(path) : certain(`${path} == ${literal(value)}`),
  )
  return tests.length === 0 ? never : `(${tests.join(' || ')})`
}

function typed(path: string, types: readonly ValueType[]): string {
  // JSON knows no time: a text that tells one is a text.
  const known = types.filter((type) => type !== 'timestamp')
  if (known.length === 0) return never
  return certain(known.map((type) => `${path}.type() == "${type}"`).join(' || '))
}

function containsAll(path: string, values: readonly Scalar[]): string {
  if (values.length === 0) return never
  const tests = values.map((value) => `exists (${path}[*] ? (@ == ${literal(value)}))`)
  return certain([`${path}.type() == "array"`, ...tests].join(' && '))
}

function someElement(path: string, condition: Condition): string {
  const inner = compile(condition, (field) => pathOf('@', field === '' ? [] : field.split('.')))
  return certain(`${path}.type() == "array" && exists (${path}[*] ? (${inner}))`)
}

const pathOf = (root: string, keys: readonly string[]): string =>
  [root, ...keys.map((key) => quoted(key))].join('.')

const literal = (value: Scalar): string =>
  typeof value === 'string' ? quoted(value) : finite(value)

function finite(value: number | boolean | null): string {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw fail('condition_invalid', {
      what: String(value),
      reason: 'it is no number of JSON',
      remedy: 'Compare with a finite number.',
    })
  }
  return JSON.stringify(value)
}

/** A string of jsonpath is written as one of JSON. What no value of Postgres holds is refused in a path as well. */
function quoted(text: string): string {
  if (text.includes('\0') || !text.isWellFormed()) {
    throw fail('condition_invalid', {
      what: 'a text with a NUL or half a letter',
      reason: 'no value holds one',
      remedy: 'Leave it out.',
    })
  }
  return JSON.stringify(text)
}
