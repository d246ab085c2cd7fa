import { describe, expect, test } from 'vitest'
import { effectsOf, isIdle } from '../../../../core/flow/react/effects.ts'
import type { CheckedOutcome } from '../../../../core/host/outcome.ts'
import type { TraitDefinition } from '../../../../core/model/trait.ts'
import { agentOf, claimedOf, from, now, rowOf } from './given.ts'

type Done = Extract<CheckedOutcome, { kind: 'done' }>

let ids = 0
const clock = { now: () => now, id: () => `id-${(ids += 1)}` }
const agent = agentOf()

const effects = (
  outcome: Partial<Done>,
  slice: Parameters<typeof rowOf>[0] = null,
  definition?: TraitDefinition,
) =>
  effectsOf(
    agent,
    claimedOf('e:P0:01D', 'e:P0:01E'),
    rowOf(slice),
    { kind: 'done', writes: {}, activations: [], holds: [], releases: [], ...outcome },
    { clock, definition: () => definition },
  )

describe('a write', () => {
  test('names its agent, its last cause and the next revision', () => {
    const { patch, changes } = effects(
      { writes: { score: { value: 0.7, confidence: 0.5 } } },
      { score: [0.2, from({ revision: 3 })] },
    )
    const provenance = {
      revision: 4,
      author: { kind: 'agent', id: 'p/probe' },
      writtenAt: now.toISOString(),
      confidence: 0.5,
      cause: 'e:P0:01E',
    }
    expect(patch).toEqual({
      traits: { score: 0.7 },
      provenance: { score: provenance },
      removed: [],
    })
    expect(changes).toMatchObject([
      { key: 'score', value: '0.7', revision: 4, hop: 2, authorId: 'p/probe' },
    ])
  })

  test('of what a person had pinned is none, and is told', () => {
    const pinned = effects(
      { writes: { score: { value: 0.7, confidence: 0.5 } } },
      { score: [null, from({ removed: true, pinned: '01R' })] },
    )
    expect(pinned).toMatchObject({ patch: null, changes: [], pinned: ['score'] })
  })

  test('of what stands already is no effect', () => {
    const same = effects(
      { writes: { score: { value: { a: 1 }, confidence: 1 } } },
      { score: [{ a: 1 }, from()] },
    )
    expect(isIdle(same)).toBe(true)
    expect(same.changes).toEqual([])
  })

  test('of what stands already is one when its definition lets it grow old', () => {
    const dayMs = 86_400_000
    const score = { key: 'score', dataClass: 'none' as const, purposes: [], owner: 'p/probe' }
    const again = (definition: TraitDefinition) =>
      effects(
        { writes: { score: { value: 1, confidence: 1 } } },
        { score: [1, from()] },
        definition,
      )
    // Written a day ago.
    expect(isIdle(again({ ...score, freshnessMs: 2 * dayMs }))).toBe(false)
    expect(isIdle(again({ ...score, freshnessMs: 2 * dayMs + 2 }))).toBe(true)
    expect(again({ ...score, ttlMs: 9 * dayMs }).patch?.provenance['score']).toMatchObject({
      revision: 2,
      expiresAt: new Date(now.getTime() + 9 * dayMs).toISOString(),
    })
  })

  test('of the same value with another confidence is one', () => {
    expect(
      isIdle(effects({ writes: { score: { value: 1, confidence: 0.5 } } }, { score: [1, from()] })),
    ).toBe(false)
  })

  test('of null removes what stands, and is no effect where nothing does', () => {
    const { patch } = effects({ writes: { score: null } }, { score: [1, from()] })
    expect(patch).toMatchObject({
      traits: {},
      removed: ['score'],
      provenance: { score: { removed: true } },
    })
    expect(isIdle(effects({ writes: { score: null } }))).toBe(true)
    expect(
      isIdle(effects({ writes: { score: null } }, { score: [null, from({ removed: true })] })),
    ).toBe(true)
  })

  test('brings a removed trait back under a higher revision', () => {
    const { patch } = effects(
      { writes: { score: { value: 1, confidence: 1 } } },
      { score: [null, from({ removed: true, revision: 2 })] },
    )
    expect(patch?.provenance['score']).toMatchObject({ revision: 3 })
    expect(patch?.provenance['score']).not.toHaveProperty('removed')
  })
})

test('a proposal names who proposes it and why', () => {
  const proposal = { purpose: 'service', channel: 'email', content: {}, fields: [] }
  expect(effects({ activations: [proposal] }).activations).toMatchObject([
    {
      profileId: 'P1',
      proposerKind: 'agent',
      proposerId: 'p/probe',
      cause: 'e:P0:01E',
      channel: 'email',
    },
  ])
})

test('a new hold replaces the older one of the same agent and purpose', () => {
  const { holds } = effects({
    holds: [{ purpose: 'marketing', reason: 'complaint' }],
    releases: ['service'],
  })
  expect(holds?.added).toMatchObject([{ agent: 'p/probe', purpose: 'marketing' }])
  expect(holds?.dropped).toEqual(['service', 'marketing'])
})
