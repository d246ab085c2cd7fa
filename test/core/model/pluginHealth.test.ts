import { describe, expect, test } from 'vitest'
import { shapeOf } from '../../../core/flow/react/shape.ts'
import {
  addStrikes,
  areTooMany,
  bucketOf,
  latencyAt,
  noLatencies,
  strikesAmong,
  type Strike,
} from '../../../core/model/pluginHealth.ts'

const failures = (code: string, count: number) => Array.from({ length: count }, () => ({ code }))
const never = { items: 0, failed: 0 }

describe('strikes are', () => {
  test('each hang and each overflow of memory', () => {
    expect(strikesAmong(50, failures('plugin_timeout', 2), never)).toHaveLength(2)
    expect(strikesAmong(5000, failures('plugin_out_of_memory', 1), never)).toHaveLength(1)
  })

  test('no timeouts of fewer than one in a hundred: the machine may have been busy', () => {
    expect(strikesAmong(200, failures('plugin_timeout', 2), never)).toHaveLength(2)
    expect(strikesAmong(201, failures('plugin_timeout', 2), never)).toEqual([])
  })

  test.each(['plugin_threw', 'plugin_result_invalid', 'cell_lost'])(
    'one for %s, once nearly every item fails',
    (code) => {
      const last = failures(code, 9)
      expect(strikesAmong(10, last, { items: 10, failed: 9 })).toEqual([{ code }])
      expect(strikesAmong(10, last, { items: 100, failed: 89 })).toEqual([])
      expect(strikesAmong(9, last, { items: 9, failed: 9 })).toEqual([])
    },
  )

  test('not what is nobody’s fault', () => {
    expect(strikesAmong(9, failures('plugin_not_run', 9), { items: 99, failed: 99 })).toEqual([])
  })
})

const now = new Date('2026-01-01T01:00:00.000Z')
const strike = (minute: number, profileId: string, digest = 'one'): Strike => ({
  at: new Date(now.getTime() - minute * 60_000).toISOString(),
  code: 'plugin_timeout',
  digest,
  profileId,
  eventId: null,
})
const profilesOf = (strikes: readonly Strike[]) => strikes.map(({ profileId }) => profileId)

describe('strikes that count', () => {
  const on = { now, digest: 'one', okAt: null }

  test('are those of the last ten minutes and of the version in service', () => {
    const known = [strike(10, 'old'), strike(9, 'ada'), strike(1, 'bob', 'two')]
    expect(profilesOf(addStrikes(known, [strike(0, 'eve')], on))).toEqual(['ada', 'eve'])
  })

  test('are each of one profile, unless the plugin worked for others in between', () => {
    const known = [strike(5, 'ada'), strike(4, 'ada')]
    const fresh = [strike(1, 'ada'), strike(1, 'bob')]
    expect(addStrikes(known, fresh, on)).toHaveLength(4)
    const okAt = (minute: number) => ({ ...on, okAt: new Date(now.getTime() - minute * 60_000) })
    expect(profilesOf(addStrikes(known, fresh, okAt(2)))).toEqual(['ada', 'bob'])
    expect(addStrikes(known, fresh, okAt(6))).toHaveLength(4)
  })

  test('are too many from five on, of more than one profile: one that poisons a quiet plugin stops nobody', () => {
    const of = (...profiles: string[]) => profiles.map((id, at) => strike(9 - at, id))
    expect(areTooMany(of('ada', 'ada', 'ada', 'bob'))).toBe(false)
    expect(areTooMany(of('ada', 'ada', 'ada', 'ada', 'bob'))).toBe(true)
    expect(areTooMany(of('ada', 'ada', 'ada', 'ada', 'ada', 'ada'))).toBe(false)
    expect(areTooMany([])).toBe(false)
  })
})

test('latencies are told by the bound below which the share of calls was', () => {
  const counts = noLatencies()
  expect(latencyAt(counts, 0.5)).toBeNull()
  for (const ms of [...Array.from({ length: 98 }, () => 1.5), 40, 9000]) {
    counts[bucketOf(ms)] = (counts[bucketOf(ms)] ?? 0) + 1
  }
  expect([0.5, 0.98, 0.99, 1].map((share) => latencyAt(counts, share))).toEqual([2, 2, 50, 10_000])
})

test('the input of a failure is told without a value in it, nor a name that may be one', () => {
  const author = { kind: 'source', id: 's' } as const
  const trait = (value: string | string[] | object) => ({
    value: JSON.parse(JSON.stringify(value)),
    confidence: 1,
    author,
    revision: 1,
    writtenAt: now.toISOString(),
  })
  const shape = shapeOf({
    profile: {
      id: 'p',
      traits: { plan: trait('pro'), tags: trait(['a', 'b']), by: trait({ 'ada@example.org': 1 }) },
    },
    causes: [
      {
        kind: 'event',
        id: 'e',
        type: 'track',
        name: 'Order of Ada',
        timestamp: now.toISOString(),
        properties: { total: 5, street: 'Elm Street', none: null, gift: true },
      },
      { kind: 'manual' },
    ],
    now: now.toISOString(),
  })
  expect(shape).toEqual({
    traits: { plan: 'text(3)', tags: 'list(2)', by: 'object(1)' },
    causes: [
      {
        kind: 'event',
        id: 'e',
        type: 'track',
        properties: { total: 'number', street: 'text(10)', none: 'null', gift: 'boolean' },
      },
      { kind: 'manual' },
    ],
  })
})
