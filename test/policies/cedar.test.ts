import { preparsePolicySet, statefulIsAuthorized } from '@cedar-policy/cedar-wasm/nodejs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fail } from '../../core/errors.ts'
import { compileAbility } from '../../policies/ability.ts'
import { parsePolicy } from '../../policies/document.ts'
import { identifierField, type Field, type Who } from '../../policies/vocabulary.ts'
import { askCedar, cedarAttributes, toCedar } from '../support/cedar.ts'

// Each attribute has one type, since Cedar gives up on a rule where ours must say yes or no.
const age = fc.constantFrom(-1, 0, 1, 17, 18, 2 ** 31, Number.MAX_SAFE_INTEGER)
const country = fc.constantFrom('DE', 'de', 'FR', '', 'ä', `q"'`)
const flag = fc.boolean()
const list = <T>(values: fc.Arbitrary<T>) => fc.array(values, { minLength: 1, maxLength: 3 })
const equal = <T>(values: fc.Arbitrary<T>) =>
  fc.oneof(
    values,
    fc.constant(null),
    fc.record({ $eq: values }),
    fc.record({ $ne: values, $exists: fc.constant(true) }),
    fc.record({ $in: list(values) }),
    fc.record({ $nin: list(values), $exists: fc.constant(true) }),
    fc.record({ $exists: fc.boolean() }),
  )
const order = fc.oneof(
  fc.record({ $lt: age }),
  fc.record({ $lte: age }),
  fc.record({ $gt: age }),
  fc.record({ $gte: age }),
  fc.record({ $gte: age, $lt: age }),
)
const whole = fc.record(
  {
    'traits.age': fc.oneof(equal(age), order),
    'traits.vip': equal(flag),
    'traits.country': equal(country),
    'traits.address.country': equal(country),
    restricted: flag,
    jurisdiction: fc.oneof(country, fc.record({ $in: list(country) })),
  },
  { requiredKeys: [] },
)
const when = fc
  .tuple(whole, fc.constantFrom(0, 1, 1, 2))
  .map(([all, size]) => Object.fromEntries(Object.entries(all).slice(0, size)))
const some = (...names: string[]) => fc.subarray(names, { minLength: 1 })
const rule = fc
  .record({
    effect: fc.constantFrom('permit', 'permit', 'permit', 'forbid'),
    roles: some('app', 'admin', 'officer'),
    agents: some('*', 'shop/*', 'shop/score', 'other/*'),
    action: fc.constantFrom('read', 'read', 'read', 'send'),
    purposes: some('*', 'service', 'marketing', 'marketing.ads'),
    fields: some('class:none', 'class:contact', 'trait:plan', 'trait:p*n', 'identifier:*'),
    when,
  })
  .map(({ when: asked, ...each }) => ({
    ...each,
    subject: 'Profile',
    sentence: 'A sentence that nobody reads.',
    reason: 'oracle',
    ...(Object.keys(asked).length === 0 ? {} : { when: asked }),
  }))
const row = fc.record({
  traits: fc.record(
    {
      age: fc.oneof(age, fc.constant(null)),
      vip: flag,
      country,
      address: fc.record({ country }, { requiredKeys: [] }),
    },
    { requiredKeys: [] },
  ),
  restricted: flag,
  jurisdiction: fc.oneof(country, fc.constant(null)),
})
const who = fc.constantFrom<Who>(
  { kind: 'principal', role: 'app' },
  { kind: 'principal', role: 'admin' },
  { kind: 'agent', id: 'shop/score' },
)
const field = fc.constantFrom<Field>(
  { kind: 'trait', key: 'plan', dataClass: 'none' },
  { kind: 'trait', key: 'mail', dataClass: 'contact' },
  identifierField('user_id'),
)
const question = fc.record({
  who,
  field,
  purpose: fc.constantFrom(null, 'service', 'marketing', 'marketing.ads', 'marketing.ads.video'),
  row,
})

describe("Cedar's answer", () => {
  it('is ours, for 20,000 questions on random policies', () => {
    let asked = 0
    let allowed = 0
    fc.assert(
      fc.property(
        fc.array(rule, { minLength: 1, maxLength: 6 }),
        fc.array(question, { minLength: 20, maxLength: 20 }),
        (rules, questions) => {
          const named = rules.map((each, at) => ({ ...each, id: `rule-${at}` }))
          const policy = parsePolicy(JSON.parse(JSON.stringify({ title: 'Oracle', rules: named })))
          const parsed = preparsePolicySet('oracle', { staticPolicies: toCedar(policy) })
          expect(parsed.type, JSON.stringify(parsed)).toBe('success')
          for (const each of questions) {
            const ours = ourAnswer(policy, each)
            expect(cedarAnswer(each), JSON.stringify(each)).toBe(ours)
            asked += 1
            allowed += Number(ours)
          }
        },
      ),
      { numRuns: 1000 },
    )
    expect(asked).toBe(20_000)
    expect(allowed / asked).toBeGreaterThan(0.03)
    expect(allowed / asked).toBeLessThan(0.97)
  }, 120_000)
})

type Question = typeof question extends fc.Arbitrary<infer T> ? T : never

function ourAnswer(policy: ReturnType<typeof parsePolicy>, asked: Question): boolean {
  const purposes = asked.purpose === null ? [] : [asked.purpose]
  const ability = compileAbility(policy, asked.who, purposes, (where, thrown) => {
    throw fail('internal', {}, new AggregateError([thrown], where))
  })
  return ability.field('read', asked.purpose, asked.field, asked.row).allowed
}

function cedarAnswer(asked: Question): boolean {
  const answer = statefulIsAuthorized({
    ...askCedar({ ...asked, action: 'read', attributes: cedarAttributes(asked.row) }),
    preparsedPolicySetId: 'oracle',
  })
  if (answer.type === 'failure') throw new TypeError(JSON.stringify(answer.errors))
  // A rule that Cedar could not evaluate would have been skipped, and the agreement luck.
  expect(answer.response.diagnostics.errors).toEqual([])
  return answer.response.decision === 'allow'
}
