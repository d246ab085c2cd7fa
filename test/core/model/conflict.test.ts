import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { elect, isHeeded, judge, saysSame, type AgentWord } from '../../../core/model/conflict.ts'
import { conflictRules, type TraitDefinition } from '../../../core/model/trait.ts'

const minute = (n: number): string => new Date(Date.UTC(2026, 0, 1, 0, n)).toISOString()

const word = (agent: string, value: number, more: Partial<AgentWord> = {}): AgentWord => ({
  agent,
  value,
  confidence: 1,
  priority: 50,
  at: minute(0),
  ...more,
})

const shared = (more: Partial<TraitDefinition> = {}): TraitDefinition => ({
  key: 'offer',
  dataClass: 'none',
  purposes: [],
  owner: 'offers/make',
  shares: {},
  ...more,
})

const words = fc.record({
  agent: fc.constantFrom('offers/make', 'offers/mend', 'rival/bid', 'third/ask'),
  value: fc.integer({ min: 0, max: 2 }),
  confidence: fc.constantFrom(0, 0.5, 1),
  priority: fc.integer({ min: 0, max: 100 }),
  at: fc.integer({ min: 0, max: 3 }).map(minute),
})

describe('of two agents that differ', () => {
  test.each([
    ['latest', { at: minute(2) }, { at: minute(1) }],
    ['priority', { priority: 60 }, { priority: 59, at: minute(9) }],
    ['confidence', { confidence: 0.7 }, { confidence: 0.69, at: minute(9) }],
  ] as const)('%s hears the one, and not the other', (conflictRule, heard, other) => {
    const rule = shared({ conflictRule })
    expect(judge(rule, word('rival/bid', 1, heard), word('offers/make', 2, other))).toBe('comes')
    expect(judge(rule, word('offers/make', 2, other), word('rival/bid', 1, heard))).toBe('stands')
  })

  test('owner hears agents of the plugin that owns the trait, and whom an officer named', () => {
    const rule = shared({ conflictRule: 'owner' })
    const theirs = word('rival/bid', 1, { at: minute(9) })
    const own = word('offers/mend', 2)
    expect(judge(rule, theirs, own)).toBe('stands')
    expect(judge(rule, own, theirs)).toBe('comes')
    expect(judge({ ...rule, owners: ['agent:rival/bid'] }, theirs, own)).toBe('comes')
  })

  test('priority hears whom an officer named before all that agents say of themselves', () => {
    const rule = shared({ conflictRule: 'priority', owners: ['agent:rival/bid'] })
    const named = word('rival/bid', 1, { priority: 0 })
    expect(judge(rule, named, word('offers/make', 2, { priority: 100 }))).toBe('comes')
  })

  test('escalate hears neither, and so does what says no rule', () => {
    const sure = word('offers/make', 1, { priority: 100, at: minute(9) })
    const { conflictRule: _, ...silent } = shared({ conflictRule: 'escalate' })
    for (const rule of [shared({ conflictRule: 'escalate' }), silent]) {
      expect(judge(rule, sure, word('rival/bid', 2, { confidence: 0 }))).toBe('open')
    }
  })

  test('every rule comes to the same whoever of them was there first', () => {
    const rules = conflictRules.filter((rule) => rule !== 'vote' && rule !== 'escalate')
    fc.assert(
      fc.property(fc.constantFrom(...rules), words, words, (conflictRule, one, other) => {
        const rule = shared({ conflictRule })
        const [first, second] = [judge(rule, one, other), judge(rule, other, one)]
        // Where the rule sees no difference, what comes is the later.
        expect(first === second ? [first, one.at] : null).toEqual(
          first === second ? ['comes', other.at] : null,
        )
      }),
    )
  })
})

describe('a vote', () => {
  const rule = shared({ conflictRule: 'vote' })
  const [a, b, c] = [word('a/a', 1), word('b/b', 2), word('c/c', 2)]

  test('goes to the value that most say, and at a tie to what stands', () => {
    expect(elect(rule, [a, b], b, a)).toBe(a)
    expect(elect(rule, [a, b, c], c, a)).toBe(c)
    expect(elect(rule, [a, c], c, b)).toBe(c)
  })

  test('goes to nobody below its quorum', () => {
    const strict = shared({ conflictRule: 'vote', shares: { quorum: 3 } })
    expect(elect(strict, [a, b, c], c, a)).toBe(a)
    expect(elect(strict, [a, b, c, word('d/d', 2)], c, a)).toBe(c)
  })

  test('never replaces what stands by a value that fewer say', () => {
    const ballots = fc.uniqueArray(words, { minLength: 1, selector: ({ agent }) => agent })
    fc.assert(
      fc.property(ballots, words, (all, stands) => {
        const comes = all.at(-1) ?? stands
        const elected = elect(rule, all, comes, stands)
        const votes = (said: AgentWord) => all.filter((each) => saysSame(each, said)).length
        for (const each of all) expect(votes(elected)).toBeGreaterThanOrEqual(votes(each))
        if (votes(stands) === votes(elected)) expect(saysSame(elected, stands)).toBe(true)
      }),
    )
  })
})

test('a word counts for as long as the trait says, and for ever where it does not', () => {
  const brief = shared({ shares: { windowMs: 60_000 } })
  expect(isHeeded(brief, { at: minute(0) }, new Date(minute(1)))).toBe(false)
  expect(isHeeded(brief, { at: minute(0) }, new Date(Date.parse(minute(1)) - 1))).toBe(true)
  expect(isHeeded(shared(), { at: minute(0) }, new Date(minute(1e6)))).toBe(true)
})
