import { PGlite } from '@electric-sql/pglite'
import { sql } from 'drizzle-orm'
import { PgDialect } from 'drizzle-orm/pg-core'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { conditionToSql, planToSql } from '../../blackboard/condition.ts'
import type { Columns } from '../../blackboard/condition.ts'
import { conditionToJsonPath } from '../../blackboard/jsonpath.ts'
import { always, never, when } from '../../core/model/condition.ts'
import type { Condition, Scalar, ValueType } from '../../core/model/condition.ts'
import { matcher } from '../../core/model/match.ts'
import type { Row } from '../../core/model/match.ts'

const dialect = new PgDialect()
const columns: Columns = {
  name: { sql: sql`r.name`, type: 'text' },
  score: { sql: sql`r.score`, type: 'number' },
  active: { sql: sql`r.active`, type: 'boolean' },
  seenAt: { sql: sql`r.seen_at`, type: 'timestamp' },
  traits: { sql: sql`r.traits`, type: 'jsonb' },
}
const compiled = (condition: Condition) => dialect.sqlToQuery(conditionToSql(condition, columns))

describe('conditionToSql', () => {
  const plan = `(r.traits -> $1::text)`
  const cases: [string, Condition, string, unknown[]][] = [
    [
      'eq on a column',
      { op: 'eq', field: 'name', value: 'Ada' },
      'coalesce(r.name in ($1::text), false)',
      ['Ada'],
    ],
    ['eq null', { op: 'eq', field: 'name', value: null }, 'not (r.name is not null)', []],
    [
      'eq on a trait',
      { op: 'eq', field: 'traits.plan', value: 'pro' },
      `coalesce(${plan} in (to_jsonb($2::text)), false)`,
      ['plan', 'pro'],
    ],
    [
      'eq of another type than the column',
      { op: 'eq', field: 'active', value: 'true' },
      'false',
      [],
    ],
    [
      'ne',
      { op: 'ne', field: 'score', value: 1.5 },
      'not (coalesce(r.score::float8 in ($1::float8), false))',
      ['1.5'],
    ],
    [
      'lt',
      { op: 'lt', field: 'name', value: 'b' },
      'coalesce(r.name collate "C" < $1::text, false)',
      ['b'],
    ],
    [
      'lte',
      { op: 'lte', field: 'score', value: 2 },
      'coalesce(r.score::float8 <= $1::float8, false)',
      ['2'],
    ],
    [
      'gt on a trait',
      { op: 'gt', field: 'traits.plan', value: 3 },
      `case when jsonb_typeof(${plan}) = 'number' then ((r.traits -> $2::text) #>> '{}')::numeric > $3::numeric else false end`,
      ['plan', 'plan', '3'],
    ],
    [
      'gte on a time',
      { op: 'gte', field: 'seenAt', value: '2026-01-01T01:00:00+01:00' },
      `coalesce(date_trunc('milliseconds', r.seen_at) >= $1::text::timestamptz, false)`,
      ['2026-01-01T00:00:00.000Z'],
    ],
    [
      'in',
      { op: 'in', field: 'name', values: ['a', null] },
      '(coalesce(r.name in ($1::text), false) or not (r.name is not null))',
      ['a'],
    ],
    ['in nothing', { op: 'in', field: 'name', values: [] }, 'false', []],
    ['nin nothing', { op: 'nin', field: 'name', values: [] }, 'not (false)', []],
    [
      'exists',
      { op: 'exists', field: 'traits.plan', value: true },
      `coalesce(jsonb_typeof(${plan}), 'null') <> 'null'`,
      ['plan'],
    ],
    [
      'all',
      { op: 'all', field: 'traits', values: ['a'] },
      `case when jsonb_typeof(r.traits) = 'array' then r.traits @> $1::text::jsonb else false end`,
      ['["a"]'],
    ],
    [
      'size',
      { op: 'size', field: 'traits', value: 2 },
      `case when jsonb_typeof(r.traits) = 'array' then jsonb_array_length(r.traits)::numeric = $1::numeric else false end`,
      ['2'],
    ],
    [
      'type',
      { op: 'type', field: 'traits.plan', types: ['string'] },
      `coalesce(jsonb_typeof(${plan}) in ($2::text), false)`,
      ['plan', 'string'],
    ],
    [
      'elemMatch',
      { op: 'elemMatch', field: 'traits', condition: { op: 'eq', field: '', value: true } },
      `exists (select 1 from jsonb_array_elements(case when jsonb_typeof(r.traits) = 'array' then r.traits else '[]'::jsonb end) as "element_1"(value) where coalesce("element_1".value in (to_jsonb($1::boolean)), false))`,
      [true],
    ],
    [
      'and',
      {
        op: 'and',
        conditions: [
          { op: 'exists', field: 'name', value: true },
          { op: 'exists', field: 'score', value: false },
        ],
      },
      '(r.name is not null and not (r.score is not null))',
      [],
    ],
    ['or of nothing', { op: 'or', conditions: [] }, 'false', []],
    ['and of nothing', { op: 'and', conditions: [] }, 'true', []],
    [
      'not',
      { op: 'not', condition: { op: 'exists', field: 'name', value: true } },
      'not (r.name is not null)',
      [],
    ],
  ]
  it.each(cases)('translates %s', (_, condition, text, params) => {
    expect(compiled(condition)).toMatchObject({ sql: text, params })
  })

  it.each([
    ['0000-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z BC'],
    ['0000-01-01T00:00:00+14:00', '0002-12-31T10:00:00.000Z BC'],
    ['9999-12-31T23:59:59.999-14:00', '10000-01-01T13:59:59.999Z'],
  ])('writes a time beyond the years 1 to 9999 as Postgres does: %s', (value, written) => {
    expect(compiled({ op: 'eq', field: 'seenAt', value }).params).toEqual([written])
  })

  it('gives a plan of no condition as a constant', () => {
    expect(dialect.sqlToQuery(planToSql(always, columns)).sql).toBe('true')
    expect(dialect.sqlToQuery(planToSql(never, columns)).sql).toBe('false')
    const asked = when({ op: 'exists', field: 'name', value: true })
    expect(dialect.sqlToQuery(planToSql(asked, columns)).sql).toBe('r.name is not null')
  })

  it('keeps a hostile trait key a parameter', () => {
    const key = `x" = 1 or 1=1 --`
    const { sql: text, params } = compiled({ op: 'eq', field: `traits.${key}`, value: 1 })
    expect(text).not.toContain('1=1')
    expect(params).toContain(key)
  })

  it.each<[string, Condition]>([
    ['a field that is not in the map', { op: 'eq', field: 'secret', value: 1 }],
    ['a field that every object has', { op: 'eq', field: 'constructor', value: 1 }],
    ['a path into a column that has none', { op: 'eq', field: 'name.first', value: 1 }],
    ['a time that is none', { op: 'lt', field: 'seenAt', value: 'soon' }],
    ['a number that is not finite', { op: 'eq', field: 'score', value: Infinity }],
    ['a text that Postgres cannot hold', { op: 'eq', field: 'name', value: 'a\u0000' }],
  ])('refuses %s', (_, condition) => {
    expect(() => compiled(condition)).toThrow(
      expect.objectContaining({ code: 'condition_invalid' }),
    )
  })

  it('refuses an unknown operator, in both interpreters', () => {
    const condition: Condition = JSON.parse('{"op":"regex","field":"name","value":"^(a+)+$"}')
    expect(() => compiled(condition)).toThrow(
      expect.objectContaining({ code: 'condition_invalid' }),
    )
    expect(() => matcher(condition)).toThrow(expect.objectContaining({ code: 'condition_invalid' }))
  })

  it('refuses a condition nested without end', () => {
    let condition: Condition = { op: 'exists', field: 'name', value: true }
    for (let depth = 0; depth < 20; depth++) condition = { op: 'not', condition }
    expect(() => compiled(condition)).toThrow(/nested deeper/)
  })
})

// Few values, close to each other, so that rows and conditions meet; the odd ones are where engines differ.
const texts = [
  '',
  'a',
  'B',
  'b',
  'ä',
  '\ue000',
  '\u{1f600}',
  'true',
  '1',
  '2026-01-01T00:00:00.000Z',
]
const numbers = [0, -1, 1, 1.5, 0.1, 1e21, 5e-7, 2 ** 53]
const instants = [
  '2026-01-01T00:00:00.000Z',
  '2025-12-31T23:59:59.999Z',
  '2026-06-01T00:00:00.123Z',
]
const keys = ['a', 'b', 'list', '0', '__proto__', `q"'`]

const text = fc.constantFrom(...texts)
const number = fc.constantFrom(...numbers)
const scalar: fc.Arbitrary<Scalar> = fc.oneof(text, number, fc.boolean(), fc.constant(null))
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    scalar,
    fc.array(tie('value'), { maxLength: 3 }),
    tie('object'),
  ),
  object: fc
    .array(fc.tuple(fc.constantFrom(...keys), tie('value')), { maxLength: 5 })
    .map((entries) => Object.fromEntries(entries)),
}))
const nullable = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: null })
const row: fc.Arbitrary<Row> = fc.record({
  name: nullable(text),
  score: nullable(fc.constantFrom(0, -1, 1, 1.5, 0.1, 1e21)),
  active: nullable(fc.boolean()),
  seenAt: nullable(fc.constantFrom(...instants).map((each) => new Date(each))),
  traits: json.object,
})

const path = fc.array(fc.constantFrom(...keys), { minLength: 0, maxLength: 2 })
const rowField = fc.oneof(
  fc.constantFrom('name', 'score', 'active'),
  path.map((steps) => ['traits', ...steps].join('.')),
)
const elementField = path.map((steps) => steps.join('.'))
const types: fc.Arbitrary<ValueType[]> = fc.array(
  fc.constantFrom<ValueType>('string', 'number', 'boolean', 'timestamp', 'array', 'object'),
  { maxLength: 3 },
)

function leaf(field: fc.Arbitrary<string>): fc.Arbitrary<Condition> {
  const values = fc.array(scalar, { maxLength: 3 })
  return fc.oneof(
    fc.record({ op: fc.constantFrom('eq' as const, 'ne' as const), field, value: scalar }),
    fc.record({
      op: fc.constantFrom('lt' as const, 'lte' as const, 'gt' as const, 'gte' as const),
      field,
      value: fc.oneof(text, number),
    }),
    fc.record({
      op: fc.constantFrom('in' as const, 'nin' as const, 'all' as const),
      field,
      values,
    }),
    fc.record({ op: fc.constant('exists' as const), field, value: fc.boolean() }),
    fc.record({ op: fc.constant('size' as const), field, value: fc.constantFrom(0, 1, 2, 1.5) }),
    fc.record({ op: fc.constant('type' as const), field, types }),
  )
}
const time: fc.Arbitrary<Condition> = fc.oneof(
  fc.record({
    op: fc.constantFrom('lt' as const, 'lte' as const, 'gt' as const, 'gte' as const),
    field: fc.constant('seenAt'),
    value: fc.constantFrom(...instants),
  }),
  fc.record({
    op: fc.constantFrom('eq' as const, 'ne' as const),
    field: fc.constant('seenAt'),
    value: fc.oneof(fc.constantFrom(...instants), fc.constant(null), fc.constant(1)),
  }),
  fc.record({ op: fc.constant('type' as const), field: fc.constant('seenAt'), types }),
)
function tree(
  field: fc.Arbitrary<string>,
  extra: fc.Arbitrary<Condition>,
  depth: number,
): fc.Arbitrary<Condition> {
  const base = fc.oneof(leaf(field), extra)
  if (depth === 0) return base
  const child = tree(field, extra, depth - 1)
  const inner = tree(elementField, leaf(elementField), depth - 1)
  return fc.oneof(
    base,
    fc.record({
      op: fc.constantFrom('and' as const, 'or' as const),
      conditions: fc.array(child, { maxLength: 3 }),
    }),
    fc.record({ op: fc.constant('not' as const), condition: child }),
    fc.record({ op: fc.constant('elemMatch' as const), field, condition: inner }),
  )
}

describe('the interpreters', () => {
  let database: PGlite
  beforeAll(async () => {
    database = new PGlite()
    await database.exec(`create table r (
      id int primary key, name text, score float8, active boolean, seen_at timestamptz, traits jsonb)`)
  })
  afterAll(() => database.close())

  async function store(rows: readonly Row[]) {
    await database.exec('truncate r')
    await database.query(
      `insert into r select (e ->> 'id')::int, e ->> 'name', (e ->> 'score')::float8,
         (e ->> 'active')::boolean, (e ->> 'seenAt')::timestamptz + interval '1 microsecond', e -> 'traits'
       from jsonb_array_elements($1::jsonb) e`,
      [JSON.stringify(rows.map((each, id) => ({ id, ...each })))],
    )
  }

  const found = async (condition: Condition) => {
    const query = compiled(condition)
    const { rows } = await database.query<{ id: number }>(
      `select id from r where ${query.sql} order by id`,
      query.params,
    )
    return rows.map(({ id }) => id)
  }
  const expected = (condition: Condition, rows: readonly Row[]) => {
    const test = matcher(condition)
    return rows.flatMap((each, id) => (test(each) ? [id] : []))
  }

  it('agree on random conditions over random rows', async () => {
    let rows = 0
    let hits = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { minLength: 40, maxLength: 40 }),
        fc.array(tree(rowField, time, 3), { minLength: 25, maxLength: 25 }),
        async (sample, conditions) => {
          await store(sample)
          for (const condition of conditions) {
            const wanted = expected(condition, sample)
            rows += sample.length
            hits += wanted.length
            expect(await found(condition), JSON.stringify(condition)).toEqual(wanted)
          }
        },
      ),
      { numRuns: 60, endOnFailure: true },
    )
    // Neither side may be right by answering the same thing always.
    expect(hits / rows).toBeGreaterThan(0.1)
    expect(hits / rows).toBeLessThan(0.9)
  }, 120_000)

  it('agree with the path that a condition on traits becomes', async () => {
    let hits = 0
    let rows = 0
    const trait = path.map((steps) => ['traits', ...steps].join('.'))
    const traitLeaf = leaf(trait)
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { minLength: 40, maxLength: 40 }),
        fc.array(tree(trait, traitLeaf, 3), { minLength: 25, maxLength: 25 }),
        async (sample, conditions) => {
          await store(sample)
          for (const condition of conditions) {
            const jsonPath = conditionToJsonPath(condition)
            const { rows: answers } = await database.query<{ id: number; answer: boolean }>(
              `select id, jsonb_path_match(traits, $1::jsonpath, '{}', true) as answer from r order by id`,
              [jsonPath],
            )
            const wanted = expected(condition, sample)
            rows += sample.length
            hits += wanted.length
            // A path that cannot tell would be null, and not false.
            const isWanted = sample.map((_, id) => wanted.includes(id))
            expect(
              answers.map(({ answer }) => answer),
              `${JSON.stringify(condition)} ${jsonPath}`,
            ).toEqual(isWanted)
          }
        },
      ),
      { numRuns: 60, endOnFailure: true },
    )
    expect(hits / rows).toBeGreaterThan(0.1)
    expect(hits / rows).toBeLessThan(0.9)
  }, 120_000)

  it('would notice a difference', async () => {
    const rows: Row[] = [
      { name: null, score: null, active: null, seenAt: null, traits: { a: 'x' } },
    ]
    await store(rows)
    const test: Condition = { op: 'ne', field: 'name', value: 'x' }
    expect(await found(test)).toEqual([0])
    const { rows: naive } = await database.query(`select id from r where name <> 'x'`)
    expect(naive).toEqual([])
  })
})
