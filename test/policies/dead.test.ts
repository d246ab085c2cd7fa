import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../core/model/json.ts'
import { matcher } from '../../core/model/match.ts'
import { compileAbility } from '../../policies/ability.ts'
import { checkPolicy } from '../../policies/check.ts'
import type { PolicyCatalogue } from '../../policies/check.ts'
import { contradictsItself } from '../../policies/contradiction.ts'
import { parsePolicy } from '../../policies/document.ts'
import { planProfile } from '../../policies/plan.ts'
import { collectProblems } from '../../policies/problem.ts'
import type { Who } from '../../policies/vocabulary.ts'
import { readWhen } from '../../policies/when.ts'
import { leave, permit, trait } from '../support/rule.ts'

const catalogue: PolicyCatalogue = {
  traits: [
    trait('plan'),
    trait('age'),
    trait('vip'),
    trait('note'),
    trait('email', { dataClass: 'contact' }),
  ],
  purposes: ['service', 'marketing'],
  channels: ['email', 'webhook'],
  agents: ['churn-risk/score'],
}
const check = (...rules: object[]) => checkPolicy({ title: 'Test', rules }, catalogue)
const problem = (path: string, remedy: string) =>
  expect.objectContaining({ path, severity: 'error', remedy: expect.stringContaining(remedy) })

describe('a rule that does nothing', () => {
  const forbid = { ...permit, id: 'forbid', effect: 'forbid' }
  const without = (rule: object, ...keys: string[]): object =>
    Object.fromEntries(Object.entries(rule).filter(([key]) => !keys.includes(key)))
  const when = { 'traits.vip': true, 'traits.plan': { $in: ['pro'] } }
  const dead: [string, object, object][] = [
    ['is forbidden word for word', permit, forbid],
    ['is forbidden with the whole profile', permit, without(forbid, 'fields')],
    ['is forbidden by a wider purpose', { ...permit, purposes: ['service.repair'] }, forbid],
    ['is forbidden for any purpose', permit, { ...forbid, purposes: ['*'] }],
    ['is forbidden by pattern', permit, { ...forbid, fields: ['trait:p*'] }],
    [
      'is forbidden by its class',
      { ...permit, fields: ['trait:email', 'identifier:phone'] },
      { ...forbid, fields: ['class:contact'] },
    ],
    [
      'is forbidden for every class',
      { ...permit, fields: ['trait:plan', 'identifier:*'] },
      {
        ...forbid,
        fields: ['none', 'pseudonymous', 'contact', 'sensitive', 'special'].map(
          (each) => `class:${each}`,
        ),
      },
    ],
    ['is forbidden on the same condition', { ...permit, when }, { ...forbid, when }],
    [
      'is forbidden on less',
      { ...permit, when },
      { ...forbid, when: { 'traits.vip': { $eq: true } } },
    ],
    [
      'is forbidden for longer',
      { ...permit, from: '2026-01-01T00:00:00Z', until: '2026-02-01T00:00:00Z' },
      { ...forbid, until: '2026-02-01T01:00:00+01:00' },
    ],
    [
      'leaves by a forbidden channel',
      leave,
      { ...leave, id: 'forbid', effect: 'forbid', channels: ['*'] },
    ],
    [
      'is forbidden for all agents',
      { ...permit, roles: undefined, agents: ['churn-risk/*'] },
      { ...forbid, agents: ['*'] },
    ],
    ['is permitted twice', permit, { ...permit, id: 'other' }],
    [
      'is contained in another',
      permit,
      { ...permit, id: 'other', fields: ['trait:*'], roles: ['app', 'admin'] },
    ],
    ['is forbidden twice', { ...forbid, id: 'again' }, forbid],
    [
      'is about administration and permitted twice',
      {
        ...without(permit, 'fields', 'purposes'),
        action: 'administer',
        subject: 'Source',
      },
      {
        ...without(permit, 'fields', 'purposes'),
        id: 'other',
        roles: ['app', 'admin'],
        action: 'administer',
        subject: 'Source',
      },
    ],
  ]
  it.each(dead)('is found when it %s', (_, rule, by) => {
    const [found, ...more] = check(rule, by).filter(({ reason }) =>
      /it (gives|adds) nothing/.test(reason),
    )
    expect(more).toEqual([])
    expect(found?.path).toMatch(/^rules\.[01]$/)
    expect(found?.reason).toMatch(/the rule [a-z]+ (already )?(permits|forbids) all of it/)
  })

  const live: [string, object, object][] = [
    ['is about another role', permit, { ...forbid, roles: ['admin'] }],
    ['is about more roles', { ...permit, roles: ['app', 'admin'] }, forbid],
    ['is about agents too', { ...permit, agents: ['churn-risk/*'] }, forbid],
    ['is another act', { ...permit, action: 'write' }, forbid],
    ['is for more than the purpose', { ...permit, purposes: ['service', 'marketing'] }, forbid],
    ['is for having no purpose', { ...permit, purposes: ['*'] }, forbid],
    ['is about more fields', { ...permit, fields: ['trait:plan', 'trait:age'] }, forbid],
    ['is about a pattern that is wider', { ...permit, fields: ['trait:p*'] }, forbid],
    ['is about a value that may be sealed', permit, { ...forbid, fields: ['class:none'] }],
    ['is forbidden on a condition', permit, { ...forbid, when }],
    ['is forbidden on more', { ...permit, when: { 'traits.vip': true } }, { ...forbid, when }],
    [
      'is forbidden on another',
      { ...permit, when: { 'traits.vip': true } },
      { ...forbid, when: { 'traits.vip': false } },
    ],
    ['is forbidden for a while', permit, { ...forbid, until: '2026-02-01T00:00:00Z' }],
    ['is a forbid beside a permit', forbid, { ...permit, fields: ['trait:p*'] }],
    [
      'leaves by another channel',
      leave,
      { ...leave, id: 'forbid', effect: 'forbid', channels: ['webhook'] },
    ],
    ['hides the whole profile', without(forbid, 'fields'), { ...forbid, id: 'other' }],
  ]
  it.each(live)('is not found when it %s', (_, rule, other) => {
    const asked = { ...rule, id: 'asked' }
    for (const rules of [
      [asked, other],
      [other, asked],
    ]) {
      const told = check(...rules).filter(({ path }) => path === `rules.${rules.indexOf(asked)}`)
      expect(told).toEqual([])
    }
  })

  it('is not one that no agent could ever use', () => {
    const rule = {
      ...without(permit, 'fields', 'purposes'),
      roles: undefined,
      agents: ['*'],
      action: 'approve',
      subject: 'Policy',
    }
    expect(check(rule)).toEqual([problem('rules.0.agents', 'Remove `agents`')])
  })
})

describe('a condition that contradicts itself', () => {
  it.each<[JsonObject]>([
    [{ $eq: 1, $in: [2, 3] }],
    [{ $eq: 'a', $ne: 'a', $exists: true }],
    [{ $in: ['a', 'b'], $nin: ['a', 'b'], $exists: true }],
    [{ $gt: 5, $lt: 5 }],
    [{ $gt: 5, $lte: 5 }],
    [{ $gte: 7, $lt: 3 }],
    [{ $gt: 'b', $lt: 'a' }],
    [{ $gt: 1, $lt: 'a' }],
    [{ $exists: false, $eq: 1 }],
    [{ $exists: false, $gt: 1 }],
    [{ $exists: false, $size: 1 }],
    [{ $size: 0, $all: ['a'] }],
    [{ $size: 1, $all: ['a', 'b'] }],
    [{ $size: 2, $gt: 1 }],
    [{ $elemMatch: { $gt: 5, $lt: 3 } }],
    [{ $elemMatch: { a: { $eq: 1, $gt: 2 } } }],
  ])('is found: %j', (spec) => {
    expect(check({ ...permit, when: { 'traits.note': spec } })).toEqual([
      problem('rules.0.when.traits.note', 'Remove one of the comparisons'),
    ])
  })

  it.each<[JsonObject]>([
    [{ $gte: 5, $lte: 5 }],
    [{ $gt: 5, $lt: 6 }],
    [{ $in: [1, 2], $gt: 1 }],
    [{ $exists: false, $eq: null }],
    [{ $size: 2, $all: ['a', 'b'] }],
    [{ $in: ['ada'], $eq: { $principal: 'id' } }],
    [{ $nin: [1], $exists: true, $gt: 0 }],
  ])('is not found: %j', (spec) => {
    expect(check({ ...permit, when: { 'traits.note': spec } })).toEqual([])
  })

  it('is found of times, as instants and not as texts', () => {
    const about = (createdAt: JsonObject) => check({ ...permit, when: { createdAt } }).length
    expect(about({ $gt: '2026-01-01T02:00:00+02:00', $lt: '2026-01-01T00:00:00Z' })).toBe(1)
    expect(about({ $gt: '2026-01-01T02:00:00+04:00', $lt: '2026-01-01T00:00:00Z' })).toBe(0)
  })

  const scalar = fc.constantFrom('a', 'b', 1, 2, true, null)
  const spec = fc.record(
    {
      $eq: scalar,
      $ne: scalar,
      $in: fc.array(scalar, { minLength: 1, maxLength: 2 }),
      $nin: fc.array(scalar, { minLength: 1, maxLength: 2 }),
      $gt: fc.constantFrom(0, 1, 2, 'a', 'b'),
      $lte: fc.constantFrom(0, 1, 2, 'a', 'b'),
      $exists: fc.boolean(),
      $size: fc.constantFrom(0, 1, 2),
      $all: fc.array(scalar, { minLength: 1, maxLength: 2 }),
      $elemMatch: fc.record({ $gt: fc.constantFrom(0, 1), $lt: fc.constantFrom(1, 2) }),
    },
    { requiredKeys: [] },
  )
  const value = fc.oneof(
    fc.constantFrom(null, 0, 1, 2, 1.5, 'a', 'b', 'aa', '', true, false),
    fc.array(fc.constantFrom('a', 'b', 1, 2, 1.5, null, true), { maxLength: 3 }),
    fc.constant({}),
  )
  it('is never met by any value', () => {
    let found = 0
    fc.assert(
      fc.property(spec, fc.array(value, { minLength: 30, maxLength: 30 }), (given, values) => {
        if (Object.keys(given).length === 0 || !contradictsItself('traits.x', given)) return
        found += 1
        const condition = readWhen(
          { 'traits.x': given },
          { effect: 'permit', path: '', asker: {}, report: collectProblems().report },
        )
        expect(condition).toBeDefined()
        if (condition === undefined) return
        const test = matcher(condition)
        for (const x of values) expect(test({ traits: { x } }), JSON.stringify(given)).toBe(false)
      }),
      { numRuns: 5000 },
    )
    expect(found).toBeGreaterThan(500)
  })
})

describe('taking away what does nothing', () => {
  const callers: Who[] = [
    { kind: 'principal', role: 'app' },
    { kind: 'principal', role: 'admin' },
    { kind: 'agent', id: 'churn-risk/score' },
  ]
  const purposes = ['service', 'service.repair', 'marketing']
  const some = <T>(...values: T[]) =>
    fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 3 })
  const condition = fc.dictionary(
    fc.constantFrom('traits.vip', 'traits.age'),
    fc.constantFrom<JsonObject[string]>(
      true,
      1,
      { $gt: 0 },
      { $gt: 2, $lt: 1 },
      { $in: [1, true] },
      { $exists: false, $eq: null },
    ),
    { minKeys: 1 },
  )
  const window = fc.record(
    {
      from: fc.constantFrom('2026-01-01T00:00:00Z', '2026-03-01T00:00:00Z'),
      until: fc.constantFrom('2026-04-01T00:00:00Z', '2026-06-01T00:00:00Z'),
    },
    { requiredKeys: [] },
  )
  const rule = fc
    .record({
      effect: fc.constantFrom('permit', 'forbid'),
      who: fc.constantFrom<JsonObject>(
        { roles: ['app'] },
        { roles: ['admin', 'app'] },
        { agents: ['*'] },
        { roles: ['app'], agents: ['churn-risk/*'] },
      ),
      purposes: some('service', 'service.repair', 'marketing', '*'),
      fields: some(
        'trait:plan',
        'trait:p*',
        'trait:email',
        'class:none',
        'class:contact',
        'identifier:email',
        'identifier:*',
      ),
      when: fc.option(condition, { nil: undefined }),
      window: fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: window }),
      leaves: fc.boolean(),
      whole: fc.boolean(),
    })
    .map(({ who, window, leaves, whole, fields, effect, ...rest }) => ({
      ...permit,
      ...rest,
      ...window,
      effect,
      roles: undefined,
      ...who,
      ...(leaves
        ? {
            action: 'activate',
            subject: 'Activation',
            fields: undefined,
            channels: whole ? ['*'] : ['email'],
          }
        : { fields: whole && effect === 'forbid' ? undefined : fields }),
    }))
  const row = fc.record(
    {
      vip: fc.constantFrom<unknown>(true, false, 'true', 1),
      age: fc.constantFrom<unknown>(0, 1, 2, '1', null),
    },
    { requiredKeys: [] },
  )
  const definitions = new Map((catalogue.traits ?? []).map((each) => [each.key, each]))

  it('changes no value that anybody sees, and nothing that leaves', () => {
    let taken = 0
    const answers = (rules: object[], rows: object[], at: Date) => {
      const policy = parsePolicy(JSON.parse(JSON.stringify({ title: 'Test', rules })))
      return callers.map((who) => {
        const ability = compileAbility(
          policy,
          who,
          purposes,
          (where) => expect.unreachable(where),
          at,
        )
        return purposes.map((purpose) => {
          const plan = planProfile(ability, [purpose], definitions)
          const fields = [
            plan.trait('plan'),
            plan.trait('email'),
            plan.trait('pet'),
            plan.identifier('email'),
            plan.identifier('user_id'),
          ]
          return rows.map((traits) => {
            const asked = { traits: { ...traits }, restricted: false }
            return [
              ...fields.map((field) => field.visible(asked).allowed),
              ...['email', 'sms'].map(
                (channel) => ability.activate(purpose, channel, asked).allowed,
              ),
            ]
          })
        })
      })
    }
    fc.assert(
      fc.property(
        fc.array(rule, { minLength: 2, maxLength: 6 }),
        fc.array(row, { minLength: 12, maxLength: 12 }),
        fc.constantFrom('2025-12-01', '2026-02-01', '2026-03-15', '2026-05-01', '2026-07-01'),
        (drawn, rows, day) => {
          const rules = drawn.map((each, at) => ({ ...each, id: `r${at}` }))
          const told = checkPolicy({ title: 'Test', rules }, { traits: catalogue.traits ?? [] })
          // A forbid that contradicts itself still forbids what it cannot judge, so that one stays.
          const gone = new Set(
            told
              .filter(
                ({ path, reason }) => /^rules\.\d+$/.test(path) || reason.startsWith('no value'),
              )
              .map(({ path }) => Number(path.split('.')[1]))
              .filter(
                (at) =>
                  rules[at]?.effect === 'permit' || told.some(({ path }) => path === `rules.${at}`),
              ),
          )
          const left = rules.filter((_, at) => !gone.has(at))
          if (gone.size === 0 || left.length === 0) return
          taken += gone.size
          const at = new Date(day)
          expect(answers(left, rows, at), JSON.stringify(rules)).toEqual(answers(rules, rows, at))
        },
      ),
      { numRuns: 1500 },
    )
    expect(taken).toBeGreaterThan(500)
  }, 60_000)
})
