import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Ended, Part } from '../../../../core/flow/react/commit.ts'
import { isIdle, type Effects } from '../../../../core/flow/react/effects.ts'
import { judge, type Found } from '../../../../core/flow/react/judge.ts'
import { agentOf, claimedOf, from } from './given.ts'

interface Given {
  profileId?: string
  reads?: readonly string[]
  absent?: readonly string[]
  writes?: readonly string[]
}

function ended({ profileId = 'P1', reads = [], absent = [], writes = [] }: Given): Ended {
  const provenance = Object.fromEntries(writes.map((key) => [key, from()]))
  const traits = Object.fromEntries(writes.map((key) => [key, true]))
  const effects: Effects = {
    profileId,
    patch: writes.length === 0 ? null : { traits, provenance, removed: [] },
    changes: [],
    happenings: [],
    activations: [],
    holds: null,
    pinned: [],
    conflicts: [],
    intents: [],
    vetoes: [],
    state: null,
  }
  const read = Object.fromEntries(reads.map((key) => [key, { revision: 1 }]))
  const premise = { read, absent: [...absent], legalVersion: 0 }
  return { ...claimedOf('m:1'), profileId, ending: { kind: 'done', effects, premise } }
}

const partOf = (...items: Given[]): Part => ({
  agent: agentOf(),
  policyNumber: 1,
  ended: items.map(ended),
})

/** Nobody else did anything. */
const found = (parts: readonly Part[], changes: Partial<Found> = {}): Found => {
  const all = new Set(parts.flatMap((part) => part.ended))
  return {
    mine: all,
    current: all,
    policyNumber: 1,
    left: new Set(),
    states: { judge: () => 'stands' },
    ...changes,
  }
}

test('agents that have nothing to do with each other stand together on one profile', () => {
  const parts = [partOf({ reads: ['a'], writes: ['x'] }), partOf({ reads: ['a'], writes: ['y'] })]
  expect(judge(parts, found(parts))).toMatchObject([
    { finished: ['P1'], stale: 0 },
    { finished: ['P1'], stale: 0 },
  ])
})

test('who read what one before it in the transaction writes runs again, and costs no attempt', () => {
  const readers: Given[] = [
    { reads: ['x'], writes: ['y'] },
    { absent: ['x'], writes: ['y'] },
  ]
  for (const reader of readers) {
    const parts = [partOf({ writes: ['x'] }), partOf(reader)]
    expect(judge(parts, found(parts))).toMatchObject([
      { finished: ['P1'], again: [] },
      { finished: [], stale: 1, again: [{ profileId: 'P1', free: true, dueAt: null }] },
    ])
  }
  const apart = [
    partOf({ writes: ['x'] }),
    partOf({ profileId: 'P2', reads: ['x'], writes: ['y'] }),
  ]
  expect(judge(apart, found(apart))[1]).toMatchObject({ finished: ['P2'], stale: 0 })
})

test('what a stale one would have written makes nobody else stale', () => {
  const parts = [
    partOf({ writes: ['x'] }),
    partOf({ reads: ['x'], writes: ['y'] }),
    partOf({ reads: ['y'], writes: ['z'] }),
  ]
  expect(judge(parts, found(parts)).map(({ stale }) => stale)).toEqual([0, 1, 0])
})

test('a policy that is in force no more makes its own parts stale and not those under the new one', () => {
  const [old, recent] = [
    partOf({ writes: ['x'] }),
    { ...partOf({ writes: ['y'] }), policyNumber: 2 },
  ]
  const parts = [old, recent]
  expect(judge(parts, found(parts, { policyNumber: 2 })).map(({ stale }) => stale)).toEqual([1, 0])
})

test('a lost lease is told of and comes to nothing', () => {
  const part = partOf({ writes: ['x'] })
  const [judged] = judge([part], found([part], { mine: new Set() }))
  expect(judged).toMatchObject({ lost: 1, finished: [], effects: [], again: [] })
})

test('whatever comes together, what stands could have been committed one after the other', () => {
  const keys = fc.subarray(['a', 'b', 'c', 'd'], { maxLength: 3 })
  const given = fc.record({
    profileId: fc.constantFrom('P1', 'P2'),
    reads: keys,
    absent: keys,
    writes: keys,
  })
  fc.assert(
    fc.property(fc.array(fc.array(given, { maxLength: 4 }), { maxLength: 6 }), (groups) => {
      const parts = groups.map((group) => partOf(...group))
      const judged = judge(parts, found(parts))
      const written = new Set<string>()
      const effects = new Set(judged.flatMap((each) => each.effects))
      for (const { ending, profileId } of parts.flatMap((part) => part.ended)) {
        if (ending.kind !== 'done' || isIdle(ending.effects)) continue
        const { absent, read } = ending.premise
        const isBeaten = [...absent, ...Object.keys(read)].some((key) =>
          written.has(profileId + key),
        )
        expect(effects.has(ending.effects)).toBe(!isBeaten)
        if (isBeaten) continue
        for (const key in ending.effects.patch?.traits) written.add(profileId + key)
      }
    }),
  )
})
