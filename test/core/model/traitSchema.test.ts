import { Ajv } from 'ajv'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Json } from '../../../core/model/json.ts'
import { compileTraitSchema } from '../../../core/model/traitCheck.ts'
import { readTraitSchema, traitSchemaLimits } from '../../../core/model/traitSchema.ts'

function compiled(input: unknown) {
  const read = readTraitSchema(input)
  if ('problem' in read) throw new TypeError(`${read.problem.path}: ${read.problem.reason}`)
  return compileTraitSchema(read.schema)
}

const problemOf = (input: unknown) => {
  const read = readTraitSchema(input)
  return 'problem' in read ? read.problem : undefined
}

describe('a trait schema', () => {
  test.each<[schema: object, fits: Json, refused: Json, path: string]>([
    [{ type: 'string' }, 'a', 1, '/type'],
    [{ type: ['string', 'null'] }, null, true, '/type'],
    [{ type: 'integer' }, 3, 3.5, '/type'],
    [{ type: 'object' }, {}, [], '/type'],
    [{ enum: ['a', { b: [1] }] }, { b: [1] }, { b: [2] }, '/enum'],
    [{ const: 0 }, 0, '0', '/const'],
    [{ minimum: 0, maximum: 1 }, 0.5, 1.5, '/maximum'],
    [{ exclusiveMinimum: 0 }, 0.1, 0, '/exclusiveMinimum'],
    [{ exclusiveMaximum: 1 }, 0.9, 1, '/exclusiveMaximum'],
    [{ multipleOf: 0.1 }, 0.3, 0.35, '/multipleOf'],
    [{ minLength: 2 }, '🙂🙂', '🙂', '/minLength'],
    [{ maxLength: 1 }, '🙂', 'ab', '/maxLength'],
    [{ minItems: 1 }, [1], [], '/minItems'],
    [{ maxItems: 1 }, [1], [1, 2], '/maxItems'],
    [
      { uniqueItems: true },
      [{ a: 1 }, { a: 2 }],
      [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ],
      '/uniqueItems',
    ],
    [{ items: { type: 'number' } }, [1, 2], [1, '2'], '/items/type'],
    [{ required: ['a'] }, { a: null }, { b: 1 }, '/required'],
    [
      { properties: { 'a/b': { maximum: 1 } } },
      { 'a/b': 1, c: 9 },
      { 'a/b': 2 },
      '/properties/a~1b/maximum',
    ],
    [
      { properties: { a: {} }, additionalProperties: false },
      { a: 1 },
      { a: 1, 'jane@x.de': 2 },
      '/additionalProperties',
    ],
    [
      { additionalProperties: { type: 'string' } },
      { a: 'x' },
      { a: 1 },
      '/additionalProperties/type',
    ],
    [{ format: 'date' }, '2028-02-29', '2026-02-29', '/format'],
    [{ format: 'date-time' }, '2026-01-31T12:00:00.5+02:00', '2026-01-31 12:00', '/format'],
    [{ format: 'email' }, 'jane@example.com', 'jane@example', '/format'],
    [{ format: 'uri' }, 'https://example.com/a?b', 'example', '/format'],
    [{ format: 'uuid' }, '123e4567-e89b-12d3-a456-426614174000', '123e4567', '/format'],
  ])('%j takes what fits and names the keyword that refuses', (schema, fits, refused, path) => {
    const check = compiled(schema)
    expect(check(fits)).toBeUndefined()
    expect(check(refused)).toBe(path)
  })

  test('says nothing of values of another type than a keyword is about', () => {
    const check = compiled({
      minimum: 5,
      minLength: 5,
      minItems: 5,
      required: ['a'],
      format: 'date',
    })
    for (const value of [null, true]) expect(check(value)).toBeUndefined()
    expect(compiled({ minimum: 5 })('1')).toBeUndefined()
  })

  test('never repeats the value, nor the name of a property that the schema does not have', () => {
    const check = compiled({ additionalProperties: { additionalProperties: false } })
    expect(check({ 'jane@example.com': { 'joe@example.com': 1 } })).toBe(
      '/additionalProperties/additionalProperties',
    )
  })

  test('takes names of the prototype for names like any other', () => {
    const check = compiled({ required: ['constructor'], additionalProperties: false })
    expect(check({})).toBe('/required')
    expect(compiled({ properties: { toString: { type: 'string' } } })({})).toBeUndefined()
    expect(compiled({ additionalProperties: false })(JSON.parse('{"__proto__":1}'))).toBe(
      '/additionalProperties',
    )
  })
})

describe('a schema from outside', () => {
  const nested = (levels: number, wrap: (inner: object) => object): object => {
    let schema: object = {}
    for (let level = 0; level < levels; level += 1) schema = wrap(schema)
    return schema
  }

  test.each<[what: string, schema: unknown, keyword: string | undefined]>([
    ['a pattern', { pattern: '(a+)+$' }, 'pattern'],
    ['a pattern deep inside', { properties: { a: { items: { pattern: 'x' } } } }, 'pattern'],
    ['a pattern in a union', { additionalProperties: { pattern: 'x' } }, 'pattern'],
    ['a reference', { $ref: 'https://evil.test/schema' }, '$ref'],
    ['patternProperties', { patternProperties: { '(a+)+$': {} } }, 'patternProperties'],
    ['a $dynamicRef', { items: { $dynamicRef: '#x' } }, '$dynamicRef'],
    ['an anyOf', { anyOf: [{}, {}] }, 'anyOf'],
    ['a misspelt keyword', { minlength: 3 }, 'minlength'],
    ['a key __proto__', JSON.parse('{"properties":{"__proto__":{"type":"string"}}}'), '__proto__'],
    ['a nested __proto__', JSON.parse('{"const":[{"__proto__":1}]}'), '__proto__'],
    ['a text', 'object', undefined],
    ['a list', [{}], undefined],
    ['null', null, undefined],
    ['an unknown type', { type: 'date' }, undefined],
    ['an unknown format', { format: 'regex' }, undefined],
    ['a range that nothing fits', { minimum: 2, maximum: 1 }, undefined],
    ['a step below what doubles tell', { multipleOf: 1e-300 }, undefined],
    ['a negative length', { minLength: -1 }, undefined],
    ['100,000 levels', nested(100_000, (inner) => ({ items: inner })), undefined],
    ['20 levels', nested(20, (inner) => ({ items: inner })), undefined],
    [
      '10,000 properties',
      { properties: Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`p${n}`, {}])) },
      undefined,
    ],
    ['a megabyte of text', { description: 'x'.repeat(1_000_000) }, undefined],
    ['a megabyte in names', { required: ['x'.repeat(1_000_000)] }, undefined],
    ['201 choices', { enum: Array.from({ length: 201 }, (_, n) => n) }, undefined],
    ['no choice at all', { enum: [] }, undefined],
  ])('is refused with %s', (_what, schema, keyword) => {
    const problem = problemOf(schema)
    expect(problem).toMatchObject({ reason: expect.any(String) })
    expect(problem?.keyword).toBe(keyword)
    expect(problem?.reason.length).toBeLessThan(300)
  })

  test('is taken when it is as deep as may be', () => {
    const deep = nested(traitSchemaLimits.depth - 1, (inner) => ({ items: inner }))
    expect(problemOf(deep)).toBeUndefined()
  })

  test('is refused with the path of what is wrong', () => {
    expect(problemOf({ properties: { age: { minimum: '3' } } })).toMatchObject({
      path: 'properties.age.minimum',
    })
  })

  test('cannot make a check take long: 10,000 unique items and a long text', () => {
    const check = compiled({
      items: { type: 'object' },
      uniqueItems: true,
      properties: {},
    })
    const list = Array.from({ length: 10_000 }, (_, n) => ({ n, text: 'x'.repeat(10) }))
    const startedAt = performance.now()
    expect(check(list)).toBeUndefined()
    for (const format of ['email', 'date-time', 'uri', 'uuid', 'date']) {
      compiled({ format })(`${'a.'.repeat(50_000)}@`)
    }
    // Comparing each with each took 3 s; this takes 20 ms.
    expect(performance.now() - startedAt).toBeLessThan(1000)
  })
})

const numbers = fc.constantFrom(-1, 0, 0.5, 1, 2, 3)
const texts = fc.constantFrom('', 'a', 'ab', '🙂', 'abc')
const values = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    numbers,
    texts,
    fc.constantFrom<Json>(null, true, false),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('value'), {
      maxKeys: 3,
      noNullPrototype: true,
    }),
  ),
})).value
const type = fc.constantFrom('string', 'number', 'integer', 'boolean', 'object', 'array', 'null')
const keyword = <T>(name: string, value: fc.Arbitrary<T>) =>
  value.map((limit): object => ({ [name]: limit }))
const plain = fc.oneof(
  keyword('type', fc.oneof(type, fc.uniqueArray(type, { minLength: 1, maxLength: 4 }))),
  keyword('enum', fc.uniqueArray(values, { minLength: 1, maxLength: 4 })),
  keyword('const', values),
  keyword('multipleOf', fc.constantFrom(0.5, 1, 2)),
  keyword('uniqueItems', fc.boolean()),
  keyword('required', fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), { maxLength: 2 })),
  ...['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'].map((name) =>
    keyword(name, numbers),
  ),
  ...['minLength', 'maxLength', 'minItems', 'maxItems'].map((name) => keyword(name, fc.nat(3))),
)
/** Few keywords at a time: all of them together refuse everything. */
const schemas = fc.letrec<{ schema: object }>((tie) => ({
  schema: fc
    .array(
      fc.oneof(
        { depthSize: 'small' },
        plain,
        keyword('items', tie('schema')),
        keyword('additionalProperties', fc.oneof(fc.boolean(), tie('schema'))),
        keyword(
          'properties',
          fc.dictionary(fc.constantFrom('a', 'b'), tie('schema'), {
            maxKeys: 2,
            noNullPrototype: true,
          }),
        ),
      ),
      { maxLength: 3 },
    )
    .map((keywords): object => Object.assign({}, ...keywords)),
})).schema

test('agrees with a known implementation of JSON Schema on random schemas and values', () => {
  const ajv = new Ajv({
    strict: false,
    multipleOfPrecision: 9,
    addUsedSchema: false,
    validateSchema: false,
  })
  let [fitting, refused] = [0, 0]
  fc.assert(
    fc.property(schemas, fc.array(values, { minLength: 1, maxLength: 8 }), (schema, candidates) => {
      const read = readTraitSchema(schema)
      if ('problem' in read) return
      const check = compileTraitSchema(read.schema)
      const oracle = ajv.compile(schema)
      for (const value of candidates) {
        const fits = check(value) === undefined
        expect({ schema, value, fits }).toEqual({ schema, value, fits: oracle(value) })
        if (fits) fitting += 1
        else refused += 1
      }
      ajv.removeSchema(schema)
    }),
    { numRuns: 500 },
  )
  expect(Math.min(fitting, refused)).toBeGreaterThan(100)
})
