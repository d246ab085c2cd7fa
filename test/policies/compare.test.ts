import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../core/model/json.ts'
import { compileAbility } from '../../policies/ability.ts'
import { comparePolicies } from '../../policies/compare.ts'
import { parsePolicy } from '../../policies/document.ts'
import { shippedPolicy } from '../../policies/shipped.ts'
import type { Who } from '../../policies/vocabulary.ts'

const base = {
  id: 'rule',
  sentence: 'A rule of a test, in ten letters.',
  effect: 'permit',
  roles: ['app'],
  action: 'read',
  subject: 'Profile',
  purposes: ['service'],
  fields: ['class:contact'],
  reason: 'test',
}
const policy = (...rules: JsonObject[]) =>
  parsePolicy({
    title: 'Test',
    rules: rules.map((rule, at) => ({ ...base, id: `rule-${at}`, ...rule })),
  })
const forbid = { effect: 'forbid' }
const compare = (before: JsonObject[], after: JsonObject[]) =>
  comparePolicies(policy(...before), policy(...after))
const widens = (before: JsonObject[], after: JsonObject[]) => compare(before, after).widens

describe('comparePolicies', () => {
  it('finds nothing between a policy and itself, in other words and another order', () => {
    const shipped = shippedPolicy()
    expect(comparePolicies(shipped, shipped)).toEqual({ widens: false, changes: [] })
    const { document } = shipped
    const turned = parsePolicy({
      ...document,
      rules: document.rules
        .toReversed()
        .map((rule) => ({ ...rule, id: `x-${rule.id}`, sentence: `${rule.sentence} Or so.` })),
    })
    expect(comparePolicies(shipped, turned)).toEqual({ widens: false, changes: [] })
  })

  it('takes everything for gained where there was no policy', () => {
    const { widens, changes } = comparePolicies(null, policy({}))
    expect(widens).toBe(true)
    expect(changes).toEqual([
      {
        who: 'app',
        action: 'read',
        subject: 'Profile',
        purpose: 'service',
        target: 'class:contact',
        change: 'gained',
        wider: true,
        narrower: false,
      },
    ])
  })

  it.each<[string, JsonObject, JsonObject]>([
    ['purpose', { purposes: ['marketing.ads'] }, { purposes: ['marketing'] }],
    ['any purpose', { purposes: ['service'] }, { purposes: ['*'] }],
    ['role', { roles: ['app'] }, { roles: ['app', 'officer'] }],
    ['agent', { agents: ['a/one'] }, { agents: ['a/*'] }],
    ['any agent', { agents: ['a/*'] }, { agents: ['*'] }],
    ['class', { fields: ['class:none'] }, { fields: ['class:none', 'class:contact'] }],
    ['trait', { fields: ['trait:plan_a'] }, { fields: ['trait:plan_*'] }],
    ['any trait', { fields: ['trait:plan_*'] }, { fields: ['trait:*'] }],
    ['value', { when: { 'traits.n': 1 } }, { when: { 'traits.n': { $in: [1, 2] } } }],
    ['bound', { when: { 'traits.n': { $gt: 5 } } }, { when: { 'traits.n': { $gte: 5 } } }],
    ['case', { when: { restricted: false, 'traits.n': 1 } }, { when: { restricted: false } }],
    ['condition', { when: { 'traits.n': 1 } }, { when: { 'traits.m': 1 } }],
    [
      'time',
      { when: { createdAt: { $lt: '2026-01-01T00:00:00Z' } } },
      { when: { createdAt: { $lte: '2026-01-01T00:00:00Z' } } },
    ],
  ])('calls one %s more wider, and one less not', (_, less, more) => {
    const narrow = [{ ...less }]
    expect(widens(narrow, [more])).toBe(true)
    if (_ === 'condition') return
    expect(widens([more], narrow)).toBe(false)
    expect(compare([more], narrow).changes.length).toBeGreaterThan(0)
  })

  it('calls a forbid taken away wider, and one added not', () => {
    const ban = { ...forbid, when: { 'traits.do_not_contact': true } }
    expect(widens([{}, ban], [{}])).toBe(true)
    expect(widens([{}], [{}, ban])).toBe(false)
    expect(compare([{}], [{}, ban]).changes).toMatchObject([{ change: 'changed', wider: false }])
    const all = { ...forbid, fields: undefined }
    const { fields: _, ...whole } = { ...base, ...all }
    const banned = comparePolicies(
      policy({}),
      parsePolicy({ title: 'T', rules: [base, { ...whole, id: 'ban', effect: 'forbid' }] }),
    )
    expect(banned).toMatchObject({ widens: false, changes: [{ change: 'lost', wider: false }] })
  })

  it('knows what patterns have in common', () => {
    const some = { fields: ['trait:plan_*'] }
    const secret = { ...forbid, fields: ['trait:*_secret'] }
    expect(widens([some, secret], [some, secret])).toBe(false)
    expect(widens([some, secret], [some])).toBe(true)
    expect(widens([some], [some, secret])).toBe(false)
    const apart = { ...forbid, fields: ['trait:other'] }
    expect(compare([some, apart], [some]).changes).toEqual([])
  })

  it('sees rights that look at no profile, and channels', () => {
    const right = { action: 'approve', subject: 'Policy' }
    const plain = (roles: string[]) => {
      const { purposes: _, fields: __, ...rest } = base
      return parsePolicy({ title: 'T', rules: [{ ...rest, ...right, roles }] })
    }
    expect(comparePolicies(plain(['admin']), plain(['admin', 'app'])).changes).toEqual([
      {
        who: 'app',
        action: 'approve',
        subject: 'Policy',
        change: 'gained',
        wider: true,
        narrower: false,
      },
    ])
    const sends = (channels: string[]) => {
      const { fields: _, ...rest } = base
      return parsePolicy({
        title: 'T',
        rules: [{ ...rest, action: 'activate', subject: 'Activation', channels }],
      })
    }
    expect(comparePolicies(sends(['*']), sends(['email'])).widens).toBe(false)
    expect(comparePolicies(sends(['email']), sends(['email', 'sms'])).changes).toMatchObject([
      { target: 'sms', change: 'gained' },
    ])
  })

  it('takes what is too much to look at for wider', () => {
    const many = (from: number) =>
      Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`traits.t${n + from}`, n]))
    expect(widens([{ when: many(0) }], [{ when: many(10) }])).toBe(true)
    expect(widens([{ when: many(0) }], [{ when: many(0) }])).toBe(false)
  })
})

const conditions: JsonObject[] = [
  { 'traits.n': 1 },
  { 'traits.n': { $gt: 0 } },
  { 'traits.n': { $lt: 2 } },
  { 'traits.n': { $exists: true } },
  { 'traits.n': { $in: [0, 1] } },
  { 'traits.s': 'a' },
  { restricted: false },
]
const rules = fc.array(
  fc.record({
    effect: fc.constantFrom('permit', 'forbid'),
    purposes: fc.constantFrom(['*'], ['service'], ['marketing'], ['marketing.ads', 'service']),
    fields: fc.constantFrom(
      ['class:none'],
      ['class:contact', 'trait:a*'],
      ['trait:*b'],
      ['trait:ab'],
    ),
    when: fc.option(fc.constantFrom(...conditions)),
  }),
  { minLength: 1, maxLength: 4 },
)
const rows = [null, 0, 1, 1.5, 2, 'a', true, []].flatMap((n) =>
  ['a', 'b', null].flatMap((s) =>
    [true, false].map((restricted) => ({ traits: { n, s }, restricted })),
  ),
)
const fields = ['a', 'ab', 'b', 'other'].flatMap((key) =>
  (['none', 'contact'] as const).map((dataClass) => ({ kind: 'trait', key, dataClass }) as const),
)

it('never overlooks a value that somebody may read now and might not before', () => {
  const parsed = (given: { when: JsonObject | null }[]) =>
    policy(...given.map(({ when, ...rule }) => ({ ...rule, ...(when === null ? {} : { when }) })))
  const reads = (one: ReturnType<typeof policy>, purpose: string | null) =>
    compileAbility(
      one,
      { kind: 'principal', role: 'app' },
      purpose === null ? [] : [purpose],
      () => {},
    )
  fc.assert(
    fc.property(rules, rules, (one, other) => {
      const [before, after] = [parsed(one), parsed(other)]
      const comparison = comparePolicies(before, after)
      for (const purpose of [
        null,
        'service',
        'marketing',
        'marketing.ads',
        'marketing.x',
        'other',
      ]) {
        const [was, is] = [reads(before, purpose), reads(after, purpose)]
        const gained = fields.some((field) =>
          rows.some(
            (row) =>
              is.field('read', purpose, field, row).allowed &&
              !was.field('read', purpose, field, row).allowed,
          ),
        )
        if (gained) expect(comparison.widens).toBe(true)
      }
      expect(comparePolicies(after, after).changes).toEqual([])
    }),
    { numRuns: 300 },
  )
})

const sendings = fc.array(
  fc.record({
    effect: fc.constantFrom('permit', 'forbid'),
    who: fc.constantFrom(
      { roles: ['app'] },
      { agents: ['a/one'] },
      { agents: ['a/*'] },
      { agents: ['*'] },
      { roles: ['officer'], agents: ['b/one'] },
    ),
    purposes: fc.constantFrom(['*'], ['service'], ['marketing'], ['marketing.ads']),
    channels: fc.constantFrom(['*'], ['email'], ['sms', 'email']),
    when: fc.option(fc.constantFrom(...conditions)),
  }),
  { minLength: 1, maxLength: 4 },
)

it('never overlooks an activation that somebody may send now and might not before', () => {
  const parsed = (given: readonly { when: JsonObject | null; who: object }[]) => {
    const { roles: _, fields: __, ...rest } = base
    return parsePolicy({
      title: 'Test',
      rules: given.map(({ when, who, ...rule }, at) => ({
        ...rest,
        action: 'activate',
        subject: 'Activation',
        ...rule,
        ...who,
        id: `rule-${at}`,
        ...(when === null ? {} : { when }),
      })),
    })
  }
  const callers: Who[] = [
    { kind: 'principal', role: 'app' },
    { kind: 'principal', role: 'officer' },
    ...['a/one', 'a/two', 'b/one', 'c/any'].map((id): Who => ({ kind: 'agent', id })),
  ]
  fc.assert(
    fc.property(sendings, sendings, (one, other) => {
      const [before, after] = [parsed(one), parsed(other)]
      const gained = callers.some((who) =>
        ['service', 'marketing', 'marketing.ads', 'resale'].some((purpose) => {
          const [was, is] = [before, after].map((each) =>
            compileAbility(each, who, [purpose], () => {}),
          )
          return ['email', 'sms', 'webhook'].some((channel) =>
            rows.some(
              (row) =>
                is?.activate(purpose, channel, row).allowed &&
                !was?.activate(purpose, channel, row).allowed,
            ),
          )
        }),
      )
      if (gained) expect(comparePolicies(before, after).widens).toBe(true)
      expect(comparePolicies(after, after).changes).toEqual([])
    }),
    { numRuns: 200 },
  )
})
