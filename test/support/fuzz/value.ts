import fc from 'fast-check'
import type { Scalar } from '../../../core/model/condition.ts'
import type { Json, JsonObject } from '../../../core/model/json.ts'

/**
 * Values that rows hold and rules name: few and close to each other, so that they meet, and the odd ones
 * where two engines would differ.
 */
const texts = [
  '',
  'a',
  'B',
  'b',
  'ä',
  'a\u0308',
  '\ue000',
  '\u{1f600}',
  'true',
  '1',
  'null',
  '2026-01-01T00:00:00.000Z',
  `q"'\\`,
]
const numbers = [
  0,
  -1,
  1,
  1.5,
  0.1,
  0.30000000000000004,
  1e21,
  5e-7,
  2 ** 53,
  2 ** 53 - 1,
  Number.MAX_VALUE,
  -Number.MAX_VALUE,
  Number.MIN_VALUE,
]

/** Traits that conditions ask for and rows have; the last two are keys that every object seems to have. */
export const traitKeys = ['a', 'b', 'mail', 'ünï', '0', 'constructor', '__proto__']
const memberKeys = ['a', 'b', '0', `q"'`, '__proto__', 'length']

export const instants = [
  '2026-01-01T00:00:00.000Z',
  '2025-12-31T23:59:59.999Z',
  '2026-06-01T00:00:00.123Z',
  '1000-01-01T00:00:00.000Z',
  '9999-12-31T23:59:59.999Z',
]
/** The same moments and their neighbours as an officer may write them. */
export const writtenInstants = [
  ...instants,
  '2026-01-01T00:00Z',
  '2026-01-01T01:00:00+01:00',
  '2025-12-31T18:59:59.999-05:00',
  '0001-01-01T00:00:00.000Z',
  '0000-01-01T00:00:00Z',
  '0000-01-01T00:00:00+14:00',
  '9999-12-31T23:59:59.999-14:00',
]
export const jurisdictions = ['DE', 'US-CA', 'de', '']

const text = fc.constantFrom(...texts)
const number = fc.constantFrom(...numbers)

export const scalar: fc.Arbitrary<Scalar> = fc.oneof(text, number, fc.boolean(), fc.constant(null))
export const comparable: fc.Arbitrary<string | number> = fc.oneof(text, number)

const json = fc.letrec<{ value: Json; object: JsonObject }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    { arbitrary: scalar, weight: 3 },
    { arbitrary: fc.array(tie('value'), { maxLength: 3 }), weight: 2 },
    { arbitrary: tie('object'), weight: 2 },
  ),
  object: objectOf(memberKeys, tie('value')),
}))

export const traits: fc.Arbitrary<JsonObject> = objectOf(traitKeys, json.value)

/** A trait, or a way into it. */
export const traitPath: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom(...traitKeys),
    fc.oneof(
      { arbitrary: fc.constant([]), weight: 3 },
      { arbitrary: fc.array(fc.constantFrom(...memberKeys), { maxLength: 2 }), weight: 2 },
    ),
  )
  .map(([key, way]) => ['traits', key, ...way].join('.'))

/** A key `__proto__` in a document is refused, not read as a member. */
export const memberPath: fc.Arbitrary<string> = fc
  .array(fc.constantFrom(...memberKeys), { minLength: 1, maxLength: 2 })
  .map((way) => way.join('.'))
  .filter((way) => way !== '__proto__')

function objectOf<T extends Json>(keys: string[], values: fc.Arbitrary<T>) {
  return fc
    .array(fc.tuple(fc.constantFrom(...keys), values), { maxLength: keys.length })
    .map((entries): JsonObject => Object.fromEntries(entries))
}
