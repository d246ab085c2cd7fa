import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Definitions } from '../../../core/flow/classify.ts'
import { project, type Statement } from '../../../core/flow/project.ts'
import { unite } from '../../../core/flow/unite.ts'
import type { Json } from '../../../core/model/json.ts'
import type {
  MergeRule,
  Provenance,
  TraitDefinition,
  TraitState,
} from '../../../core/model/trait.ts'
import { compileTraitSchema } from '../../../core/model/traitCheck.ts'
import type { TraitSchema } from '../../../core/model/traitSchema.ts'

const minute = (n: number): string => new Date(Date.UTC(2026, 0, 1, 0, n)).toISOString()

const definitionsOf = (rules: Partial<TraitDefinition>): Definitions =>
  new Map([['seen', { key: 'seen', dataClass: 'none', purposes: [], owner: null, ...rules }]])

const context = (definitions: Definitions) => ({
  definitions,
  profileId: 'P1',
  sealedAt: minute(59),
  digest: (key: string, value: Json) => `${key} ${JSON.stringify(value)}`,
})

function state(value: Json | undefined, at: number, made: Partial<Provenance> = {}): TraitState {
  const provenance: Provenance = {
    revision: 1,
    author: { kind: 'source', id: 'shop' },
    writtenAt: minute(at),
    confidence: 1,
    cause: `e${at}`,
    ...made,
  }
  return { traits: value === undefined ? {} : { seen: value }, provenance: { seen: provenance } }
}

const united = (rules: Partial<TraitDefinition>, one: TraitState, ...others: TraitState[]) =>
  unite(one, others, context(definitionsOf(rules)))
const join = (...given: Parameters<typeof united>): Json | undefined =>
  united(...given).state.traits['seen']

describe('the merge rule', () => {
  test.each<[rule: MergeRule, one: Json, other: Json, whole: Json]>([
    ['latest', 1, 2, 2],
    ['oldest', 1, 2, 1],
    ['sum', 1, 2, 3],
    ['max', 5, 2, 5],
    ['min', 5, 2, 2],
    ['union', ['a', 'b'], ['b', 'c'], ['a', 'b', 'c']],
  ])('%s makes one of both, whoever wins the merge', (mergeRule, one, other, whole) => {
    const [early, late] = [state(one, 1), state(other, 2)]
    expect(join({ mergeRule }, early, late)).toEqual(whole)
    const turned = join({ mergeRule }, late, early)
    expect(Array.isArray(turned) ? new Set(turned) : turned).toEqual(
      Array.isArray(whole) ? new Set(whole) : whole,
    )
  })

  test('most_confident prefers the surer word, and of equals the later', () => {
    const rule = { mergeRule: 'most_confident' } as const
    expect(join(rule, state('guess', 9, { confidence: 0.4 }), state('sure', 1))).toBe('sure')
    expect(join(rule, state('sure', 1), state('guess', 9, { confidence: 0.4 }))).toBe('sure')
    expect(join(rule, state('a', 1), state('b', 2))).toBe('b')
  })

  test('sums over three profiles, and says that nobody but the merge said so', () => {
    const { state: sum, writes } = united(
      { mergeRule: 'sum' },
      state(1, 1),
      state(2, 5, { confidence: 0.5 }),
      state(4, 3),
    )
    expect(sum.traits['seen']).toBe(7)
    expect(sum.provenance['seen']).toMatchObject({
      author: { kind: 'system', id: 'merge' },
      confidence: 0.5,
      writtenAt: minute(5),
    })
    expect(writes.at(-1)?.provenance.revision).toBe(3)
  })

  test('takes the later word where nothing can be computed', () => {
    const sum = { mergeRule: 'sum' } as const
    expect(join(sum, state('one', 1), state(2, 2))).toBe(2)
    expect(join(sum, state(1e308, 1), state(1.7e308, 2))).toBe(1.7e308)
    expect(join({ mergeRule: 'union' }, state(['a'], 1), state('b', 2))).toBe('b')
    const vaulted = state(undefined, 2, { vault: 'P2', digest: 'd' })
    expect(united(sum, state(1, 1), vaulted).state).toEqual({
      traits: {},
      provenance: { seen: expect.objectContaining({ vault: 'P2', revision: 2 }) },
    })
  })

  test('lets a later removal stand, whatever the rule', () => {
    const gone = state(undefined, 2, { removed: true })
    for (const mergeRule of ['sum', 'oldest', 'most_confident', 'latest'] as const) {
      expect(join({ mergeRule }, state(1, 1), gone)).toBeUndefined()
      expect(join({ mergeRule }, gone, state(1, 3))).toBe(1)
    }
  })

  test('leaves the losers as they were, so that the merge can be taken back', () => {
    const [one, other] = [state(1, 1), state(2, 2)]
    const before = structuredClone(other)
    united({ mergeRule: 'sum' }, one, other)
    expect(other).toEqual(before)
    expect(one).toEqual(state(1, 1))
  })
})

const atMost10: TraitSchema = { type: 'number', maximum: 10 }
const checked = (schema: TraitSchema) => ({ check: compileTraitSchema(schema) })

describe('a schema', () => {
  test('keeps a sum out that it does not take, and the later word stands', () => {
    expect(join({ mergeRule: 'sum', ...checked(atMost10) }, state(6, 1), state(7, 2))).toBe(7)
  })

  test('keeps what it no longer takes on the profile that had it', () => {
    expect(join(checked(atMost10), state(6, 1), state(99, 2))).toBe(6)
    const { state: alone } = united(checked(atMost10), { traits: {}, provenance: {} }, state(99, 2))
    expect(alone).toEqual({ traits: {}, provenance: {} })
  })
})

test('a value that stands open of a trait that is vaulted by now goes to the vault', () => {
  const {
    state: whole,
    secrets,
    writes,
  } = united({ dataClass: 'contact' }, { traits: {}, provenance: {} }, state('duchess', 2))
  expect(whole.traits).toEqual({})
  expect(secrets).toEqual([{ key: 'seen', value: 'duchess' }])
  expect(writes).toMatchObject([
    { value: undefined, provenance: { vault: 'P1', sealedAt: minute(59) } },
  ])
})

const values = fc.oneof(
  fc.constantFrom<Json>(null, true, 'a', 'abcdef', 'abc', [], ['a', 'a'], {}),
  fc.double({ min: -100, max: 100, noNaN: true }),
  fc.array(fc.integer(), { maxLength: 4 }),
)
const schemas = fc.constantFrom<TraitSchema>(
  atMost10,
  { type: 'integer', minimum: 0 },
  { type: ['string', 'boolean'], maxLength: 3 },
  { type: 'array', items: { type: 'integer' }, maxItems: 3, uniqueItems: true },
  { enum: ['abc', 1, []] },
)
const rules = fc.constantFrom(
  ...(['latest', 'oldest', 'union', 'sum', 'max', 'min', 'most_confident'] as const),
)

test('no value that the schema refuses reaches a profile, by events or by merges', () => {
  let [kept, refusals] = [0, 0]
  fc.assert(
    fc.property(
      schemas,
      rules,
      fc.array(fc.array(values, { maxLength: 4 }), { minLength: 1, maxLength: 3 }),
      fc.array(values, { maxLength: 2 }),
      (schema, mergeRule, people, older) => {
        const check = compileTraitSchema(schema)
        const now = context(definitionsOf({ mergeRule, check }))
        const heard = (stated: Json[], where: ReturnType<typeof context>): TraitState => {
          const statements = stated.map((value, at): Statement => ({
            traits: { seen: value },
            author: { kind: 'source', id: 'shop' },
            cause: `e${at}`,
            at: new Date(minute(at)),
          }))
          const { state: made, refused } = project(
            { traits: {}, provenance: {} },
            statements,
            where,
          )
          refusals += refused.length
          return made
        }
        const [first, ...rest] = people.map((stated) => heard(stated, now))
        // Stated before the trait had its schema, on a profile that is merged after.
        const before = heard(older, context(definitionsOf({})))
        const { state: whole } = unite(first ?? before, [...rest, before], now)
        const value = whole.traits['seen']
        if (value === undefined) return
        kept += 1
        expect(check(value)).toBeUndefined()
      },
    ),
    { numRuns: 2000 },
  )
  expect(Math.min(kept, refusals)).toBeGreaterThan(200)
})
