import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Definitions } from '../../../core/flow/classify.ts'
import { project, type Statement } from '../../../core/flow/project.ts'
import { unite } from '../../../core/flow/unite.ts'
import type { Json, JsonObject } from '../../../core/model/json.ts'
import type { TraitState } from '../../../core/model/trait.ts'

const blank: TraitState = { traits: {}, provenance: {} }
const minute = (n: number): Date => new Date(Date.UTC(2026, 0, 1, 0, n))

function context(definitions: Definitions = new Map(), profileId = 'P1') {
  return {
    definitions,
    profileId,
    sealedAt: '2026-01-01T00:00:00.000Z',
    digest: (key: string, value: Json) => `${key} ${JSON.stringify(value)}`,
  }
}

let causes = 0
const nextCause = (): string => `e${String((causes += 1)).padStart(9, '0')}`

const stated = (traits: JsonObject, at = 0, cause = nextCause()): Statement => ({
  traits,
  author: { kind: 'source', id: 'shop' },
  cause,
  at: minute(at),
})

const fold = (...statements: Statement[]): TraitState => project(blank, statements, context()).state

const anyStatements = fc
  .array(
    fc.record({
      key: fc.constantFrom('plan', 'city', 'email'),
      value: fc.constantFrom<Json>('a', 'b', 1, null, 'jane@example.com'),
      at: fc.integer({ min: 0, max: 6 }),
    }),
    { maxLength: 12 },
  )
  .map((rows) => rows.map(({ key, value, at }) => stated({ [key]: value }, at)))

const shuffled = anyStatements.chain((statements) =>
  fc.tuple(
    fc.constant(statements),
    fc.shuffledSubarray(statements, { minLength: statements.length, maxLength: statements.length }),
  ),
)

describe('project', () => {
  test('lets the latest statement win whatever the order of the batch', () => {
    fc.assert(
      fc.property(shuffled, ([statements, other]) => {
        expect(fold(...other)).toEqual(fold(...statements))
      }),
    )
  })

  test('keeps a value against an older statement that comes later', () => {
    const { state, writes } = project(
      fold(stated({ plan: 'pro' }, 5)),
      [stated({ plan: 'free' }, 4)],
      context(),
    )
    expect(state.traits).toEqual({ plan: 'pro' })
    expect(writes).toEqual([])
  })

  test('settles two statements of one moment by their cause, in either order', () => {
    const [one, other] = [stated({ plan: 'a' }, 1, 'e1'), stated({ plan: 'b' }, 1, 'e2')]
    for (const [first, second] of [
      [one, other],
      [other, one],
    ] as const) {
      expect(project(fold(first), [second], context()).state.traits).toEqual({ plan: 'b' })
    }
  })

  test('writes nothing for a value that stands already, in the open or in the vault', () => {
    const before = fold(stated({ plan: { a: 1, b: [2] }, email: 'jane@example.com' }))
    const again = project(
      before,
      [stated({ plan: { b: [2], a: 1 }, email: 'jane@example.com' }, 9)],
      context(),
    )
    expect(again.writes).toEqual([])
    expect(again.secrets).toEqual([])
    expect(again.state).toEqual(before)
  })

  test('counts the writes of a trait', () => {
    const state = fold(
      stated({ plan: 'a' }, 0),
      stated({ plan: 'b' }, 1),
      stated({ plan: null }, 2),
    )
    expect(state.provenance['plan']).toMatchObject({ revision: 3, removed: true })
  })

  test('removes by null, and an older write cannot bring the value back', () => {
    const removed = fold(stated({ plan: 'pro' }, 1), stated({ plan: null }, 3))
    expect(removed.traits).toEqual({})
    expect(project(removed, [stated({ plan: 'free' }, 2)], context()).writes).toEqual([])
    expect(project(removed, [stated({ plan: 'free' }, 4)], context()).state.traits).toEqual({
      plan: 'free',
    })
  })

  test('takes an empty text for a value and not for a removal', () => {
    expect(fold(stated({ plan: '' })).traits).toEqual({ plan: '' })
  })

  test('refuses a trait that an agent owns, and takes the others of the same event', () => {
    const owned = {
      key: 'churn_risk',
      dataClass: 'none' as const,
      purposes: [],
      owner: 'churn/score',
    }
    const definitions = new Map([['churn_risk', owned]])
    const { state, refused } = project(
      blank,
      [stated({ churn_risk: 1, plan: 'pro' }, 0, 'e1')],
      context(definitions),
    )
    expect(refused).toEqual([{ key: 'churn_risk', cause: 'e1', code: 'trait_owned', path: '' }])
    expect(state.traits).toEqual({ plan: 'pro' })
  })

  test('keeps personal values out of traits, whatever the keys are called', () => {
    const personal = fc.constantFrom<Json>(
      'jane@example.com',
      'mail me: jane@example.com!',
      '+49 170 1234567',
      ['x', { deep: 'jane@example.com' }],
    )
    fc.assert(
      fc.property(fc.dictionary(fc.string({ minLength: 1 }), personal), (traits) => {
        const { state, secrets } = project(
          blank,
          [stated({ ...traits, firstName: 'Jane' })],
          context(),
        )
        expect(state.traits).toEqual({})
        expect(secrets.map(({ key }) => key)).toContain('firstName')
        expect(JSON.stringify(state.traits)).not.toContain('jane')
      }),
    )
  })

  test('says under which profile a vaulted value is sealed', () => {
    expect(fold(stated({ email: 'jane@example.com' })).provenance['email']).toMatchObject({
      vault: 'P1',
    })
  })
})

describe('unite', () => {
  const anyState = anyStatements.map((statements) => fold(...statements))
  /** All but the revision, which counts writes and so depends on the way. */
  const values = ({ traits, provenance }: TraitState) => ({
    traits,
    from: Object.fromEntries(
      Object.entries(provenance).map(([key, from]) => [key, { ...from, revision: 0 }]),
    ),
  })
  const join = (one: TraitState, ...others: TraitState[]): TraitState =>
    unite(one, others, context()).state

  test('gives the same values whoever wins the merge', () => {
    fc.assert(
      fc.property(anyState, anyState, (one, other) => {
        expect(values(join(one, other))).toEqual(values(join(other, one)))
      }),
    )
  })

  test('gives the same values however three profiles come together', () => {
    fc.assert(
      fc.property(anyState, anyState, anyState, (one, two, three) => {
        const expected = values(join(one, two, three))
        expect(values(join(join(one, two), three))).toEqual(expected)
        expect(values(join(one, join(two, three)))).toEqual(expected)
      }),
    )
  })

  test('changes nothing when repeated', () => {
    fc.assert(
      fc.property(anyState, anyState, (one, other) => {
        expect(unite(join(one, other), [other], context()).writes).toEqual([])
        expect(unite(one, [one], context()).writes).toEqual([])
      }),
    )
  })

  test('lets a later removal on either side stand', () => {
    const kept = fold(stated({ plan: 'pro' }, 1))
    const removed = fold(stated({ plan: 'pro' }, 0), stated({ plan: null }, 2))
    expect(join(kept, removed).traits).toEqual({})
    expect(join(removed, kept).traits).toEqual({})
  })

  test('counts the adoption as a write, so that a reaction that read the winner is stale', () => {
    const { state, writes } = unite(
      fold(stated({ plan: 'a' }, 1)),
      [fold(stated({ plan: 'b' }, 2))],
      context(),
    )
    expect(writes.map(({ key }) => key)).toEqual(['plan'])
    expect(state.provenance['plan']?.revision).toBe(2)
  })
})
