import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  failureText,
  isOwnFault,
  judgeRollout,
  rolloutLimits,
  type RolloutCounts,
} from '../../../core/model/pluginRollout.ts'

const counts = (items: number, failures: number, baseItems = 0, baseFailures = 0) => ({
  items,
  failures,
  baseItems,
  baseFailures,
})
const judge = (told: RolloutCounts, ms: number | null = 0) =>
  judgeRollout('watching', told, rolloutLimits, ms)

describe('a version that is new fails', () => {
  test('above five percent of its items, and not with as much', () => {
    expect(judge(counts(100, 6))).toBe('failed')
    expect(judge(counts(100, 5))).toBe('goes_on')
  })

  test('above twice what the version before failed, and not with as much', () => {
    expect(judge(counts(100, 21, 1000, 100))).toBe('failed')
    expect(judge(counts(100, 20, 1000, 100))).toBe('goes_on')
  })

  test('from 20 items on, whatever came of fewer', () => {
    expect(judge(counts(20, 20))).toBe('failed')
    expect(judge(counts(19, 19))).toBe('goes_on')
  })

  test('with three failures, and not for two unlucky ones', () => {
    expect(judge(counts(20, 3))).toBe('failed')
    expect(judge(counts(20, 2))).toBe('goes_on')
  })

  test('although the version before failed a few of very few', () => {
    expect(judge(counts(100, 50, 19, 19))).toBe('failed')
    expect(judge(counts(100, 50, 20, 20))).toBe('goes_on')
  })

  test('rather than being through, when it did both', () => {
    expect(judge(counts(1000, 51), rolloutLimits.ms)).toBe('failed')
  })
})

describe('a version in service is watched', () => {
  test('for a thousand items', () => {
    expect(judge(counts(999, 0))).toBe('goes_on')
    expect(judge(counts(1000, 0))).toBe('completed')
  })

  test('or ten minutes from its first item, and as long as it has none', () => {
    expect(judge(counts(1, 0), 599_999)).toBe('goes_on')
    expect(judge(counts(1, 0), 600_000)).toBe('completed')
    expect(judge(counts(0, 0), null)).toBe('goes_on')
  })

  test('and a canary for as long as it is one', () => {
    const canary = judgeRollout('canary', counts(5000, 0), rolloutLimits, 10 * rolloutLimits.ms)
    expect(canary).toBe('goes_on')
    expect(judgeRollout('canary', counts(5000, 251), rolloutLimits, 0)).toBe('failed')
  })
})

test('more failures never make a version that failed stand', () => {
  const some = fc.nat({ max: 2000 })
  fc.assert(
    fc.property(some, some, some, some, (items, failures, baseItems, baseFailures) => {
      const told = counts(items, Math.min(failures, items), baseItems, baseFailures)
      const worse = { ...told, failures: Math.min(told.failures + 1, items) }
      expect(judge(told) !== 'failed' || judge(worse) === 'failed').toBe(true)
    }),
  )
})

test('why it failed is said with the figures', () => {
  expect(failureText(counts(32, 7, 200, 2), rolloutLimits)).toBe(
    'It failed 7 of 32 items (21.9 %, 5 % are allowed); the version before failed 2 of 200.',
  )
  expect(failureText(counts(20, 20), rolloutLimits)).toBe(
    'It failed 20 of 20 items (100 %, 5 % are allowed).',
  )
})

test('what befalls a version from outside is not its own fault', () => {
  expect(['plugin_threw', 'plugin_timeout', 'plugin_state_not_migrated'].every(isOwnFault)).toBe(
    true,
  )
  const outside = ['cell_lost', 'plugin_not_run', 'database_timeout', 'forbidden', 'internal']
  expect(outside.some(isOwnFault)).toBe(false)
})
