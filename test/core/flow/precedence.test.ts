import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Definitions } from '../../../core/flow/classify.ts'
import { project, type Statement } from '../../../core/flow/project.ts'
import type { Json } from '../../../core/model/json.ts'
import type {
  ConflictRule,
  Provenance,
  TraitDefinition,
  TraitState,
} from '../../../core/model/trait.ts'

const minute = (n: number): Date => new Date(Date.UTC(2026, 0, 1, 0, n))
const blank: TraitState = { traits: {}, provenance: {} }

const defined = (rules: Partial<TraitDefinition>): Definitions =>
  new Map([['plan', { key: 'plan', dataClass: 'none', purposes: [], owner: null, ...rules }]])

let causes = 0
const said = (source: string, value: Json, at: number): Statement => ({
  traits: { plan: value },
  author: { kind: 'source', id: source },
  cause: `e${String((causes += 1)).padStart(6, '0')}`,
  at: minute(at),
})

const context = (definitions: Definitions) => ({
  definitions,
  profileId: 'P1',
  sealedAt: '2026-01-01T00:00:00.000Z',
  digest: (key: string, value: Json) => `${key} ${JSON.stringify(value)}`,
})

/** Words that come in one by one, in this order. */
const hear = (rules: Partial<TraitDefinition>, ...words: Statement[]): TraitState =>
  words.reduce((state, word) => project(state, [word], context(defined(rules))).state, blank)

const planOf = (rules: Partial<TraitDefinition>, ...words: Statement[]): Json | undefined =>
  hear(rules, ...words).traits['plan']

describe('the conflict rule', () => {
  const owner = { conflictRule: 'owner', owners: ['source:crm', 'source:erp'] } as const
  const priority = { ...owner, conflictRule: 'priority' } as const

  test('latest hears whoever spoke last, and escalate the same until there is someone to ask', () => {
    for (const conflictRule of ['latest', 'escalate'] as const) {
      expect(planOf({ conflictRule }, said('crm', 'a', 1), said('web', 'b', 2))).toBe('b')
      expect(planOf({ conflictRule }, said('web', 'b', 2), said('crm', 'a', 1))).toBe('b')
    }
  })

  test('owner lets nobody else speak over an owner, before or after', () => {
    expect(planOf(owner, said('crm', 'a', 1), said('web', 'b', 2))).toBe('a')
    expect(planOf(owner, said('web', 'b', 2), said('crm', 'a', 1))).toBe('a')
    expect(planOf(owner, said('crm', 'a', 1), said('web', null, 2))).toBe('a')
  })

  test('owner hears the later of two owners, and of two strangers', () => {
    expect(planOf(owner, said('crm', 'a', 1), said('erp', 'b', 2))).toBe('b')
    expect(planOf(owner, said('erp', 'b', 2), said('crm', 'a', 1))).toBe('b')
    expect(planOf(owner, said('web', 'a', 1), said('app', 'b', 2))).toBe('b')
  })

  test('priority hears the owner who is named first', () => {
    expect(planOf(priority, said('crm', 'a', 1), said('erp', 'b', 2))).toBe('a')
    expect(planOf(priority, said('erp', 'b', 1), said('crm', 'a', 2))).toBe('a')
    expect(planOf(priority, said('web', 'c', 9), said('erp', 'b', 2))).toBe('b')
  })

  test('lets an owner take back what they said', () => {
    expect(planOf(owner, said('crm', 'a', 1), said('crm', 'c', 2))).toBe('c')
    expect(planOf(owner, said('crm', 'a', 1), said('crm', null, 2))).toBeUndefined()
  })

  test('makes the word of an owner who agrees count from then on', () => {
    expect(planOf(owner, said('web', 'a', 1), said('crm', 'a', 2), said('web', 'b', 3))).toBe('a')
  })

  test('confidence hears a sure word over a guess, and not the guess over a sure word', () => {
    const made: Provenance = {
      revision: 1,
      author: { kind: 'agent', id: 'p/a' },
      writtenAt: minute(5).toISOString(),
      confidence: 0.6,
      cause: 'r1',
    }
    const guessed = { traits: { plan: 'guess' }, provenance: { plan: made } }
    const heard = (conflictRule: ConflictRule) =>
      project(guessed, [said('web', 'sure', 1)], context(defined({ conflictRule }))).state.traits
    expect(heard('confidence')).toEqual({ plan: 'sure' })
    expect(heard('latest')).toEqual({ plan: 'guess' })
  })

  test('holds nobody to a word that has expired', () => {
    const brief = { ...owner, ttlMs: 60_000 }
    expect(planOf(brief, said('crm', 'a', 1), said('web', 'b', 1))).toBe('a')
    expect(planOf(brief, said('crm', 'a', 1), said('web', 'b', 3))).toBe('b')
  })

  test('gives the same in whatever order a batch has the words', () => {
    const words = fc.array(
      fc.record({
        source: fc.constantFrom('crm', 'erp', 'web'),
        value: fc.constantFrom<Json>('a', 'b', null),
        at: fc.integer({ min: 0, max: 5 }),
      }),
      { maxLength: 8 },
    )
    const rules = fc.constantFrom(owner, priority, { conflictRule: 'latest' } as const)
    fc.assert(
      fc.property(rules, words, (rule, rows) => {
        const statements = rows.map(({ source, value, at }) => said(source, value, at))
        const fold = (list: Statement[]) =>
          project(blank, list, context(defined(rule))).state.traits
        expect(fold(statements.toReversed())).toEqual(fold(statements))
      }),
    )
  })
})

describe('a lifetime', () => {
  const hourMs = 3_600_000

  test('ends the value by its own time', () => {
    const { provenance } = hear({ ttlMs: hourMs }, said('web', 'a', 5))
    expect(provenance['plan']?.expiresAt).toBe(minute(65).toISOString())
    expect(hear({}, said('web', 'a', 5)).provenance['plan']).not.toHaveProperty('expiresAt')
  })

  test('is renewed by a value that is stated again once half of it has passed, not sooner', () => {
    const again = (at: number) =>
      hear({ ttlMs: hourMs }, said('web', 'a', 0), said('web', 'a', at)).provenance['plan']
    expect(again(29)).toMatchObject({ revision: 1, writtenAt: minute(0).toISOString() })
    expect(again(30)).toMatchObject({ revision: 2, expiresAt: minute(90).toISOString() })
  })

  test('brings back an expired value that is stated again', () => {
    const gone = hear({ ttlMs: 1000 }, said('web', 'a', 0))
    const { state } = project(gone, [said('web', 'a', 9)], context(defined({})))
    expect(state.provenance['plan']).toMatchObject({ revision: 2 })
    expect(state.provenance['plan']).not.toHaveProperty('expiresAt')
  })

  test('is not wanted of a removal', () => {
    const state = hear({ ttlMs: 1000 }, said('web', 'a', 0), said('web', null, 0))
    expect(state.provenance['plan']).toMatchObject({ removed: true })
    expect(state.provenance['plan']).not.toHaveProperty('expiresAt')
  })
})
