import { sql } from 'drizzle-orm/sql/sql'
import type { SQL } from 'drizzle-orm/sql/sql'
import type { Condition, Plan, Scalar, ValueType } from '../core/model/condition.ts'
import { fail } from '../core/errors.ts'

/**
 * The only place where a condition becomes SQL. Names of columns come from the caller's map and nowhere
 * else, keys of JSON and every value are parameters, and each operator gives true or false, never null,
 * so that `not` and `or` mean in SQL what they mean in core/model/match.ts.
 */
export type ColumnType = 'text' | 'number' | 'boolean' | 'timestamp' | 'jsonb'

export interface Column {
  readonly sql: SQL
  readonly type: ColumnType
}

/** What a condition may name. A jsonb column answers for its paths too: `traits` for `traits.plan`. */
export type Columns = Readonly<Record<string, Column>>

/** @throws condition_invalid for a field that is not in the map or a value that its type cannot hold */
export const conditionToSql = (condition: Condition, columns: Columns): SQL =>
  compile(condition, { columns, depth: 0 })

/** `never` gives `false`; a caller that can skip the query altogether should. */
export function planToSql(plan: Plan, columns: Columns): SQL {
  if (plan.kind === 'conditional') return conditionToSql(plan.condition, columns)
  return plan.kind === 'always' ? sql`true` : sql`false`
}

interface Scope {
  readonly columns: Columns
  readonly depth: number
  /** Within elemMatch: the element that paths start from. */
  readonly element?: Column
}

const depthMax = 16

function compile(condition: Condition, outer: Scope): SQL {
  const scope = { ...outer, depth: outer.depth + 1 }
  if (scope.depth > depthMax) {
    throw invalid(condition.op, `nested deeper than ${depthMax}`, 'Write a flatter condition.')
  }
  if (condition.op === 'and' || condition.op === 'or') {
    const { op, conditions } = condition
    return op === 'and'
      ? join(conditions, scope, sql` and `, sql`true`)
      : join(conditions, scope, sql` or `, sql`false`)
  }
  if (condition.op === 'not') return sql`not (${compile(condition.condition, scope)})`
  const column = resolve(condition.field, scope)
  return condition.op === 'elemMatch'
    ? someElement(column, condition.condition, scope)
    : compileField(condition, column)
}

type FieldCondition = Exclude<Condition, { op: 'and' | 'or' | 'not' | 'elemMatch' }>

function compileField(condition: FieldCondition, column: Column): SQL {
  switch (condition.op) {
    case 'eq':
      return among(column, [condition.value])
    case 'ne':
      return sql`not (${among(column, [condition.value])})`
    case 'in':
      return among(column, condition.values)
    case 'nin':
      return sql`not (${among(column, condition.values)})`
    case 'lt':
      return ordered(column, sql`<`, condition.value)
    case 'lte':
      return ordered(column, sql`<=`, condition.value)
    case 'gt':
      return ordered(column, sql`>`, condition.value)
    case 'gte':
      return ordered(column, sql`>=`, condition.value)
    case 'exists':
      return condition.value ? exists(column) : sql`not (${exists(column)})`
    case 'size':
      return sized(column, condition.value)
    case 'type':
      return typed(column, condition.types)
    case 'all':
      return containsAll(column, condition.values)
    default:
      throw invalid(
        operatorOf(condition),
        'no such operator',
        'Use an operator of core/model/condition.ts.',
      )
  }
}

// Only data that went round the type checker gets here.
const operatorOf = (condition: { op?: unknown }): string => String(condition.op)

function join(conditions: readonly Condition[], scope: Scope, glue: SQL, empty: SQL): SQL {
  if (conditions.length === 0) return empty
  return sql`(${sql.join(
    conditions.map((each) => compile(each, scope)),
    glue,
  )})`
}

/** `->` with text keys steps into objects only; `#>` would index arrays, which the other side does not. */
function resolve(field: string, { columns, element }: Scope): Column {
  if (element !== undefined) return step(element, field === '' ? [] : field.split('.'))
  const exact = Object.hasOwn(columns, field) ? columns[field] : undefined
  if (exact !== undefined) return exact
  const [root = '', ...path] = field.split('.')
  const column = Object.hasOwn(columns, root) ? columns[root] : undefined
  if (column?.type === 'jsonb') return step(column, path)
  throw invalid(field, 'no such field here', `Use one of ${Object.keys(columns).join(', ')}.`)
}

function step(column: Column, path: readonly string[]): Column {
  return path.reduce<Column>(
    (from, key) => ({ sql: sql`(${from.sql} -> ${usable(key)}::text)`, type: 'jsonb' }),
    column,
  )
}

/** Equal to one of the values; null stands for a missing value. */
function among(column: Column, values: readonly Scalar[]): SQL {
  const literals = values.flatMap((value) => {
    const literal = value === null ? undefined : literalOf(value, column.type)
    return literal === undefined ? [] : [literal]
  })
  const present =
    literals.length === 0
      ? []
      : [sql`coalesce(${comparable(column)} in (${sql.join(literals, sql`, `)}), false)`]
  const absent = values.includes(null) ? [sql`not (${exists(column)})`] : []
  const tests = [...present, ...absent]
  if (tests.length === 0) return sql`false`
  return tests.length === 1 ? sql`${tests[0]}` : sql`(${sql.join(tests, sql` or `)})`
}

function ordered(column: Column, operator: SQL, value: string | number): SQL {
  if (column.type === 'jsonb') return orderedJson(column, operator, value)
  const literal = literalOf(value, column.type)
  if (literal === undefined) return sql`false`
  const left = column.type === 'text' ? sql`${column.sql} collate "C"` : comparable(column)
  return sql`coalesce(${left} ${operator} ${literal}, false)`
}

// The cast stands in a case, which alone keeps it from being tried on values of another type.
function orderedJson({ sql: json }: Column, operator: SQL, value: string | number): SQL {
  const text = sql`(${json} #>> '{}')`
  return typeof value === 'number'
    ? sql`case when jsonb_typeof(${json}) = 'number' then ${text}::numeric ${operator} ${finite(value)}::numeric else false end`
    : sql`case when jsonb_typeof(${json}) = 'string' then ${text} collate "C" ${operator} ${usable(value)}::text else false end`
}

function exists(column: Column): SQL {
  return column.type === 'jsonb'
    ? sql`coalesce(jsonb_typeof(${column.sql}), 'null') <> 'null'`
    : sql`${column.sql} is not null`
}

function sized({ type, sql: json }: Column, size: number): SQL {
  if (type !== 'jsonb') return sql`false`
  return sql`case when jsonb_typeof(${json}) = 'array' then jsonb_array_length(${json})::numeric = ${finite(size)}::numeric else false end`
}

function containsAll(column: Column, values: readonly Scalar[]): SQL {
  if (column.type !== 'jsonb' || values.length === 0) return sql`false`
  const wanted = JSON.stringify(
    values.map((value) => (typeof value === 'string' ? usable(value) : value)),
  )
  return sql`case when jsonb_typeof(${column.sql}) = 'array' then ${column.sql} @> ${wanted}::text::jsonb else false end`
}

function someElement(column: Column, condition: Condition, scope: Scope): SQL {
  if (column.type !== 'jsonb') return sql`false`
  const alias = sql.identifier(`element_${scope.depth}`)
  const inner = compile(condition, {
    ...scope,
    element: { sql: sql`${alias}.value`, type: 'jsonb' },
  })
  const items = sql`case when jsonb_typeof(${column.sql}) = 'array' then ${column.sql} else '[]'::jsonb end`
  return sql`exists (select 1 from jsonb_array_elements(${items}) as ${alias}(value) where ${inner})`
}

const typeOfColumn = {
  text: 'string',
  number: 'number',
  boolean: 'boolean',
  timestamp: 'timestamp',
} as const satisfies Record<Exclude<ColumnType, 'jsonb'>, ValueType>

function typed(column: Column, types: readonly ValueType[]): SQL {
  if (column.type !== 'jsonb') {
    return types.includes(typeOfColumn[column.type]) ? exists(column) : sql`false`
  }
  if (types.length === 0) return sql`false`
  const names = types.map((type) => sql`${type}::text`)
  return sql`coalesce(jsonb_typeof(${column.sql}) in (${sql.join(names, sql`, `)}), false)`
}

/** The column in the form that `literalOf` compares with; a Date of JavaScript has milliseconds, no more. */
function comparable(column: Column): SQL {
  if (column.type === 'timestamp') return sql`date_trunc('milliseconds', ${column.sql})`
  return column.type === 'number' ? sql`${column.sql}::float8` : column.sql
}

/** The value as a parameter of the column's type; undefined when no value of that type can equal it. */
function literalOf(value: string | number | boolean, type: ColumnType): SQL | undefined {
  if (type === 'jsonb') return jsonLiteral(value)
  if (type === 'boolean') return typeof value === 'boolean' ? sql`${value}::boolean` : undefined
  if (type === 'number')
    return typeof value === 'number' ? sql`${finite(value)}::float8` : undefined
  if (typeof value !== 'string') return undefined
  return type === 'text' ? sql`${usable(value)}::text` : sql`${instant(value)}::text::timestamptz`
}

function jsonLiteral(value: string | number | boolean): SQL {
  if (typeof value === 'string') return sql`to_jsonb(${usable(value)}::text)`
  if (typeof value === 'number') return sql`to_jsonb(${finite(value)}::numeric)`
  return sql`to_jsonb(${value}::boolean)`
}

// Numbers travel as text: a driver that infers int4 from a parameter's value would refuse 1.5.
function finite(value: number): string {
  if (!Number.isFinite(value))
    throw invalid(String(value), 'not a finite number', 'Use a finite number.')
  return String(value)
}

function usable(text: string): string {
  if (text.isWellFormed() && !text.includes('\u0000')) return text
  throw invalid('a text', 'it holds NUL or half a surrogate pair', 'Remove the character.')
}

function instant(text: string): string {
  const time = Date.parse(text)
  if (Number.isNaN(time)) {
    throw invalid(
      JSON.stringify(text.slice(0, 40)),
      'not a time',
      'Write it as 2026-01-31T00:00:00Z.',
    )
  }
  return postgresTime(new Date(time).toISOString())
}

/** Postgres counts years before 1 backwards and puts no sign before those after 9999. */
function postgresTime(iso: string): string {
  const [, year = '', rest = ''] = /^([+-]?\d+)(-.*)$/.exec(iso) ?? []
  const number = Number(year)
  if (number > 9999) return `${number}${rest}`
  return number >= 1 ? iso : `${String(1 - number).padStart(4, '0')}${rest} BC`
}

const invalid = (what: string, reason: string, remedy: string) =>
  fail('condition_invalid', { what, reason, remedy })
