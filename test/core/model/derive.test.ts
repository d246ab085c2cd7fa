import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  allows,
  deriveTraits,
  meet,
  purposesOf,
  type Defined,
  type Deriver,
  type Purposes,
} from '../../../core/model/derive.ts'

const names = [
  'service',
  'analytics',
  'marketing',
  'marketing.promotion',
  'marketing.promotion.summer',
  'marketing.ads',
] as const
const purposes: fc.Arbitrary<Purposes> = fc.option(
  fc.subarray([...names]).map((some) => (some.length === 0 ? [] : purposesOf(some))),
)

describe('what two sources allow together', () => {
  test('of a purpose and one below it is the one below', () => {
    expect(meet(['marketing'], ['marketing.promotion', 'service'])).toEqual(['marketing.promotion'])
    expect(meet(['marketing.ads'], ['marketing.promotion'])).toEqual([])
    expect(meet(['market'], ['marketing'])).toEqual([])
  })

  test('is the same in any order and grouping, and of one twice is that one', () => {
    fc.assert(
      fc.property(purposes, purposes, purposes, (a, b, c) => {
        expect(meet(a, b)).toEqual(meet(b, a))
        expect(meet(meet(a, b), c)).toEqual(meet(a, meet(b, c)))
        expect(meet(a, a)).toEqual(a)
        expect(meet(a, null)).toEqual(a)
      }),
    )
  })

  test('allows a purpose exactly where both do', () => {
    fc.assert(
      fc.property(purposes, purposes, fc.constantFrom(...names, 'other'), (a, b, wanted) => {
        expect(allows(meet(a, b), wanted)).toBe(allows(a, wanted) && allows(b, wanted))
      }),
    )
  })
})

const defined = (given: Partial<Defined> = {}): Defined => ({
  dataClass: 'pseudonymous',
  purposes: [],
  infers: null,
  ...given,
})

const keys = ['a', 'b', 'c', 'd', 'e'] as const
const definitions = fc
  .tuple(...keys.map(() => fc.subarray([...names])))
  .map((said) => new Map(keys.map((key, at) => [key, defined({ purposes: said[at] ?? [] })])))
const deriver: fc.Arbitrary<Deriver> = fc.record({
  sources: fc.subarray([...keys]),
  writes: fc.subarray([...keys]),
})

describe('a derived trait', () => {
  test('inherits over a chain of agents, and in a circle', () => {
    const known = new Map([
      ['clicks', defined({ purposes: ['analytics', 'marketing.promotion'] })],
      ['score', defined({ purposes: ['analytics', 'marketing'] })],
      ['offer', defined({ purposes: ['marketing', 'service'] })],
    ])
    const chain = [
      { sources: ['score'], writes: ['offer'] },
      { sources: ['clicks', 'unknown'], writes: ['score'] },
    ]
    const inherited = deriveTraits(known, chain)
    expect(inherited.get('score')?.purposes).toEqual(['analytics', 'marketing.promotion'])
    expect(inherited.get('offer')?.purposes).toEqual(['marketing.promotion'])
    const circle = [...chain, { sources: ['offer'], writes: ['clicks'] }]
    expect(deriveTraits(known, circle).get('clicks')?.purposes).toEqual(['marketing.promotion'])
  })

  test('is special where a source is, over a chain, unless an officer said that it tells nothing', () => {
    const known = new Map([
      ['diagnosis', defined({ dataClass: 'special' })],
      ['visits', defined()],
      ['care', defined()],
      ['care_level', defined()],
      ['cleared', defined({ infers: [] })],
      ['after', defined()],
      ['mood', defined({ infers: ['health'] })],
    ])
    const inherited = deriveTraits(known, [
      { sources: ['care'], writes: ['care_level', 'cleared'] },
      { sources: ['diagnosis', 'visits'], writes: ['care'] },
      { sources: ['cleared'], writes: ['after'] },
    ])
    const because = (key: string) => inherited.get(key)?.specialBy
    expect(because('care')).toEqual(['trait:diagnosis'])
    expect(because('care_level')).toEqual(['trait:care'])
    expect(because('mood')).toEqual(['infers:health'])
    for (const key of ['visits', 'cleared', 'after']) expect([key, because(key)]).toEqual([key, []])
  })

  test('is never used for more than its definition says, nor for more because of one source more', () => {
    fc.assert(
      fc.property(
        definitions,
        fc.array(deriver, { maxLength: 6 }),
        deriver,
        fc.constantFrom(...keys),
        fc.constantFrom(...names),
        (known, derivers, more, key, wanted) => {
          const before = deriveTraits(known, derivers).get(key)?.purposes ?? null
          const after = deriveTraits(known, [...derivers, more]).get(key)?.purposes ?? null
          const said = purposesOf(known.get(key)?.purposes ?? [])
          expect(!allows(before, wanted) || allows(said, wanted)).toBe(true)
          expect(!allows(after, wanted) || allows(before, wanted)).toBe(true)
        },
      ),
    )
  })

  test('inherits the same whatever the order of the agents', () => {
    fc.assert(
      fc.property(definitions, fc.array(deriver, { maxLength: 6 }), (known, derivers) => {
        const one = deriveTraits(known, derivers)
        const other = deriveTraits(known, derivers.toReversed())
        for (const key of keys) expect(other.get(key)?.purposes).toEqual(one.get(key)?.purposes)
      }),
    )
  })
})
