import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  compare,
  parts,
  type Difference,
  type Result,
  type Said,
} from '../../../core/plugin/rehearse/difference.ts'
import type { Json } from '../../../core/model/json.ts'

const saidArbitrary: fc.Arbitrary<Said> = fc.record({
  part: fc.constantFrom(...parts),
  key: fc.constantFrom('a', 'b', 'c', '__proto__'),
  value: fc.oneof(
    fc.constantFrom<Json>(1, 2, null, 'x'),
    fc.constant<Json>({ deep: [1, { a: 2 }] }),
  ),
})

const resultArbitrary: fc.Arbitrary<Result> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ says: fc.uniqueArray(saidArbitrary, { selector: placeOf }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ failed: fc.constantFrom('plugin_threw', 'plugin_timeout') }),
  },
)

function placeOf({ part, key }: Pick<Said, 'part' | 'key'>): string {
  return `${part} ${key}`
}

const mirrored = { added: 'removed', removed: 'added', changed: 'changed' } as const
const mirror = ({ old, next, ...difference }: Difference): Difference => ({
  ...difference,
  kind: mirrored[difference.kind],
  old: next,
  next: old,
})
const mirroredVerdict = {
  same: 'same',
  changed: 'changed',
  only_new_failed: 'only_old_failed',
  only_old_failed: 'only_new_failed',
} as const

describe('the difference of two results', () => {
  test('is none between equal ones, whatever the order in which they were said', () => {
    fc.assert(
      fc.property(resultArbitrary, (result) => {
        const copy: Result =
          'failed' in result ? { ...result } : { says: structuredClone(result.says).toReversed() }
        expect(compare(result, copy)).toEqual({ verdict: 'same', differences: [] })
      }),
    )
  })

  test('is the same seen from either side', () => {
    fc.assert(
      fc.property(resultArbitrary, resultArbitrary, (one, other) => {
        const there = compare(one, other)
        const back = compare(other, one)
        expect(back.verdict).toBe(mirroredVerdict[there.verdict])
        expect(back.differences).toEqual(there.differences.map(mirror))
      }),
    )
  })

  test('leads from the one to the other and names nothing that is equal', () => {
    fc.assert(
      fc.property(resultArbitrary, resultArbitrary, (one, other) => {
        if ('failed' in one || 'failed' in other) return
        const { differences } = compare(one, other)
        const reached = new Map(one.says.map((said) => [placeOf(said), said.value]))
        for (const difference of differences) {
          expect(difference.old).not.toEqual(difference.next)
          if (difference.next === undefined) reached.delete(placeOf(difference))
          else reached.set(placeOf(difference), difference.next)
        }
        expect(reached).toEqual(new Map(other.says.map((said) => [placeOf(said), said.value])))
      }),
    )
  })

  test('of a failure with anything else is whose failure it is', () => {
    const fine: Result = { says: [{ part: 'trait', key: 'plan', value: 1 }] }
    const failed: Result = { failed: 'plugin_threw' }
    expect(compare(fine, failed)).toEqual({ verdict: 'only_new_failed', differences: [] })
    expect(compare(failed, fine)).toEqual({ verdict: 'only_old_failed', differences: [] })
    expect(compare(failed, { failed: 'plugin_timeout' })).toMatchObject({
      verdict: 'changed',
      differences: [{ part: 'ending', key: 'failure', kind: 'changed' }],
    })
  })
})
