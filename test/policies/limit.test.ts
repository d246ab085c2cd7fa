import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PolicyLimit } from '../../core/model/policyLimit.ts'
import { comparePolicies } from '../../policies/compare.ts'
import { loosensLimits } from '../../policies/compareLimits.ts'
import { checkPolicy } from '../../policies/check.ts'
import { describeLimit } from '../../policies/describeLimit.ts'
import { diffPolicies } from '../../policies/diff.ts'
import { parsePolicy } from '../../policies/document.ts'
import { limitsFor, maxAgeOf, riskThreshold } from '../../policies/limit.ts'
import { shippedPolicy } from '../../policies/shipped.ts'

const { document: shipped } = shippedPolicy()
const limit = (more: Partial<PolicyLimit>): PolicyLimit => ({
  id: 'some',
  sentence: 'Something is limited.',
  purposes: ['marketing'],
  channels: ['email'],
  ...more,
})
const policyOf = (...limits: PolicyLimit[]) => parsePolicy({ ...shipped, limits })
const night = { from: '21:00', to: '08:00', timezone: 'Europe/Berlin' }

describe('a limit', () => {
  it('is about its purposes and their children, by its channels', () => {
    const policy = policyOf(limit({ riskAbove: 0.5 }))
    const found = (purpose: string, channel: string) => limitsFor(policy, purpose, channel).length
    expect(found('marketing', 'email')).toBe(1)
    expect(found('marketing.ads', 'email')).toBe(1)
    expect(found('marketing', 'sms')).toBe(0)
    expect(found('marketingplus', 'email')).toBe(0)
    expect(found('service', 'email')).toBe(0)
  })

  it('binds with every other: the strictest counts', () => {
    const all = [
      limit({ riskAbove: 0.5, maxAgeDays: 10 }),
      limit({ riskAbove: 0.2, maxAgeDays: 20 }),
    ]
    expect(riskThreshold(all)).toBe(0.2)
    expect(maxAgeOf(all)).toBe(10)
    expect([riskThreshold([]), maxAgeOf([])]).toEqual([null, null])
  })

  it('is described in a sentence of what the machine does', () => {
    expect((shipped.limits ?? []).map(describeLimit)).toEqual([
      'For marketing by email, at most 5 go to a person in 168 hours.',
      'For marketing and personalization by sms or push, nothing leaves from 21:00 to 08:00 in the time zone that the trait timezone names, or else in UTC.',
      'For marketing and personalization by any channel, values older than 730 days are left out.',
      'Whatever the purpose by ads, contact data leave as hashes only.',
      'Whatever the purpose by any channel, what has a risk above 0.7 waits for the approval of a person.',
    ])
  })
})

describe('a document is refused', () => {
  const wrong: [string, unknown, string, RegExp][] = [
    ['for a limit of nothing', limit({}), 'limits.0', /limits nothing/],
    [
      'for hours of no length',
      limit({ quietHours: { ...night, to: '21:00' } }),
      'limits.0.quietHours.to',
      /begin when they end/,
    ],
    [
      'for a place that is none',
      limit({ quietHours: { ...night, timezone: 'Berlin' } }),
      'limits.0.quietHours.timezone',
      /no such time zone/,
    ],
    [
      'for a time of day that is none',
      limit({ quietHours: { ...night, to: '24:00' } }),
      'limits.0.quietHours.to',
      /time of day/,
    ],
    [
      'for a misspelt part',
      { ...limit({ riskAbove: 0.1 }), maxAgeDay: 3 },
      'limits.0.maxAgeDay',
      /no such key/,
    ],
    [
      'for a misspelt part of a cap',
      limit({ cap: Object.assign({ max: 1, hours: 1 }, { days: 3 }) }),
      'limits.0.cap.days',
      /no such key/,
    ],
    ['for a risk above one', limit({ riskAbove: 70 }), 'limits.0.riskAbove', /too/],
    ['for a cap of none', limit({ cap: { max: 0, hours: 1 } }), 'limits.0.cap.max', /too short/],
  ]
  it.each(wrong)('%s', (_, each, path, reason) => {
    const problems = checkPolicy({ ...shipped, limits: [each] })
    expect(problems.map((problem) => problem.path)).toContain(path)
    const problem = problems.find((one) => one.path === path)
    expect(problem?.reason).toMatch(reason)
    expect(problem?.remedy).not.toBe('')
  })

  it('for two limits of one name, and for names that the workspace does not know', () => {
    const two = checkPolicy({
      ...shipped,
      limits: [limit({ riskAbove: 0 }), limit({ riskAbove: 0 })],
    })
    expect(two).toMatchObject([{ path: 'limits.1.id', reason: 'another limit has this id' }])
    const strange = limit({ purposes: ['marketnig'], channels: ['emial'], hash: ['trait:emial'] })
    const catalogue = { purposes: ['marketing'], channels: ['email'], traits: [] }
    const { rules } = shipped
    const paths = checkPolicy(
      { title: 'x', rules: rules.slice(0, 1), limits: [strange] },
      catalogue,
    )
      .map(({ path }) => path)
      .filter((path) => path.startsWith('limits'))
    expect(paths).toEqual(['limits.0.purposes.0', 'limits.0.channels.0', 'limits.0.hash.0'])
  })

  it('for hours that go by a sealed trait, which nobody could read', () => {
    const quietHours = { ...night, timezoneTrait: 'home' }
    const home = { key: 'home', purposes: [], owner: null }
    const pathsWith = (dataClass: 'none' | 'contact') =>
      checkPolicy(
        { ...shipped, limits: [limit({ quietHours })] },
        {
          traits: [
            { ...home, dataClass },
            { ...home, key: 'do_not_contact', dataClass: 'none' },
          ],
        },
      ).map(({ path }) => path)
    expect(pathsWith('contact')).toEqual(['limits.0.quietHours.timezoneTrait'])
    expect(pathsWith('none')).toEqual([])
  })
})

describe('comparing', () => {
  const all = limit({
    cap: { max: 3, hours: 24 },
    quietHours: night,
    maxAgeDays: 30,
    hash: ['identifier:*'],
    riskAbove: 0.5,
  })
  const wider: [string, PolicyLimit | undefined][] = [
    ['none in its place', undefined],
    ['a higher cap', { ...all, cap: { max: 4, hours: 24 } }],
    ['a cap over fewer hours', { ...all, cap: { max: 3, hours: 23 } }],
    ['a shorter night', { ...all, quietHours: { ...night, to: '07:59' } }],
    ['a night elsewhere', { ...all, quietHours: { ...night, timezone: 'Asia/Tokyo' } }],
    ['older values', { ...all, maxAgeDays: 31 }],
    ['fewer hashes', { ...all, hash: ['identifier:email'] }],
    ['a higher risk', { ...all, riskAbove: 0.51 }],
    ['fewer purposes', { ...all, purposes: ['marketing.ads'] }],
    ['another channel', { ...all, channels: ['sms'] }],
  ]
  it.each(wider)('%s lets more leave, which takes a second approval', (_, after) => {
    const [was, is] = [policyOf(all), policyOf(...(after ? [after] : []))]
    expect(comparePolicies(was, is).widens).toBe(true)
    expect(diffPolicies(was, is).rules.join('\n')).toMatch(/More may leave than before\./)
    const back = comparePolicies(is, was).widens
    expect(back).toBe(after !== undefined && ['another channel', 'a night elsewhere'].includes(_))
  })

  const narrower: [string, PolicyLimit][] = [
    ['a lower cap', { ...all, cap: { max: 2, hours: 24 } }],
    ['a longer night', { ...all, quietHours: { ...night, from: '20:00' } }],
    ['every purpose', { ...all, purposes: ['*'] }],
    ['every channel', { ...all, channels: ['*'] }],
    ['another name', { ...all, id: 'renamed' }],
  ]
  it.each(narrower)('%s lets no more leave', (_, after) => {
    expect(comparePolicies(policyOf(all), policyOf(after)).widens).toBe(false)
  })

  it('takes two limits for as strict as the one they were split from', () => {
    const { cap, ...rest } = all
    const split = [rest, { ...limit({ id: 'other' }), ...(cap ? { cap } : {}) }]
    expect(comparePolicies(policyOf(all), policyOf(...split)).widens).toBe(false)
  })

  it('says in words what was added, changed and removed', () => {
    const [was, is] = [
      policyOf(limit({ riskAbove: 0.5 }), limit({ id: 'gone', maxAgeDays: 3 })),
      policyOf(limit({ riskAbove: 0.4 }), limit({ id: 'new', maxAgeDays: 3 })),
    ]
    expect(diffPolicies(was, is).rules).toEqual([
      'Changed the limit some, riskAbove: Something is limited. (The sentence is as before; does it still say what the limit does?) In full: For marketing by email, what has a risk above 0.4 waits for the approval of a person.',
      'Added the limit new: Something is limited. In full: For marketing by email, values older than 3 days are left out.',
      'Removed the limit gone: Something is limited.',
    ])
  })

  it('never overlooks a night in which something may leave now and might not before', () => {
    const clock = fc
      .integer({ min: 0, max: 23 })
      .map((hour) => `${String(hour).padStart(2, '0')}:00`)
    const hours = fc.record({ from: clock, to: clock }).filter(({ from, to }) => from !== to)
    const holds = ({ from, to }: { from: string; to: string }, at: string) =>
      from < to ? from <= at && at < to : from <= at || at < to
    const day = Array.from(
      { length: 48 },
      (_, half) => `${String(half >> 1).padStart(2, '0')}:${half % 2 ? '30' : '00'}`,
    )
    fc.assert(
      fc.property(hours, hours, (one, other) => {
        const [was, is] = [one, other].map((each) => limit({ quietHours: { ...night, ...each } }))
        if (!was || !is) return
        const opens = day.some((at) => holds(one, at) && !holds(other, at))
        expect(loosensLimits(policyOf(was), policyOf(is))).toBe(opens)
      }),
      { numRuns: 100 },
    )
  })
})
