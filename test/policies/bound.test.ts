import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../core/model/json.ts'
import type { TraitDefinition } from '../../core/model/trait.ts'
import { compileAbility, createAbilities } from '../../policies/ability.ts'
import { comparePolicies } from '../../policies/compare.ts'
import { parsePolicy } from '../../policies/document.ts'
import { planProfile } from '../../policies/plan.ts'
import type { Field, Who } from '../../policies/vocabulary.ts'
import { permit } from '../support/rule.ts'

const forbid = { ...permit, id: 'forbid', effect: 'forbid', reason: 'forbidden' }
const plan: Field = { kind: 'trait', key: 'plan', dataClass: 'none' }
const policy = (...rules: object[]) => parsePolicy({ title: 'Test', rules })
const app = { kind: 'principal', role: 'app' } as const
const never = (where: string) => expect.unreachable(where)

const from = '2026-06-01T00:00:00Z'
const until = '2026-07-01T02:00:00+02:00'
const before = '2026-05-31T23:59:59.999Z'
const within = ['2026-06-01T00:00:00.000Z', '2026-06-30T23:59:59.999Z']
const after = '2026-07-01T00:00:00.000Z'

describe('a rule that is bound in time', () => {
  const reads = (rules: object[], at?: string) =>
    compileAbility(
      policy(...rules),
      app,
      ['service'],
      never,
      at === undefined ? undefined : new Date(at),
    ).field('read', 'service', plan, { traits: {} }).allowed

  it('permits from its beginning until its end (refused: before, after)', () => {
    const rules = [{ ...permit, from, until }]
    for (const at of within) expect(reads(rules, at), at).toBe(true)
    for (const at of [before, after]) expect(reads(rules, at), at).toBe(false)
  })

  it('forbids from its beginning until its end (permitted: before, after)', () => {
    const rules = [permit, { ...forbid, from, until }]
    for (const at of within) expect(reads(rules, at), at).toBe(false)
    for (const at of [before, after]) expect(reads(rules, at), at).toBe(true)
  })

  it('permits nothing and forbids all when nobody says what time it is', () => {
    expect(reads([{ ...permit, from }])).toBe(false)
    expect(reads([permit, { ...forbid, until }])).toBe(false)
    expect(reads([permit])).toBe(true)
  })

  it('begins and ceases to count while its abilities are remembered', () => {
    const clock = { time: before, now: () => new Date(clock.time) }
    const abilities = createAbilities(never, clock)
    const bound = policy({ ...permit, from, until })
    const ask = (time: string) => {
      clock.time = time
      const ability = abilities(bound, app, ['service'])
      const seen = planProfile(ability, ['service'], new Map()).trait('plan')
      return { ability, allowed: seen.visible({ traits: {}, restricted: false }).allowed }
    }
    expect(ask(before).allowed).toBe(false)
    const first = ask(within[0] ?? '')
    expect(first.allowed).toBe(true)
    expect(ask(within[1] ?? '').ability).toBe(first.ability)
    expect(ask(after).allowed).toBe(false)
    expect(ask(before).allowed).toBe(false)
  })

  it.each([
    ['ends when it begins', { from, until: from }],
    ['ends before it begins', { from: after, until: from }],
    ['is bound by a day', { until: '2026-06-01' }],
    ['is bound by a time without a zone', { until: '2026-06-01T00:00:00' }],
    ['is bound by a day that is none', { until: '2026-02-30T00:00:00Z' }],
    ['is bound by a number', { until: 1_800_000_000 }],
  ])('is refused when it %s', (_, bound) => {
    expect(() => policy({ ...permit, ...bound })).toThrow(
      expect.objectContaining({
        code: 'policy_invalid',
        values: expect.objectContaining({ path: 'rules.0.until' }),
      }),
    )
  })

  it('gives more when a permit lasts longer or a forbid shorter (not the other way)', () => {
    const later = { from, until: '2027-01-01T00:00:00Z' }
    const widens = (one: object[], other: object[]) =>
      comparePolicies(policy(...one), policy(...other)).widens
    const short = [{ ...permit, from, until }]
    const long = [{ ...permit, ...later }]
    expect(widens(short, long)).toBe(true)
    expect(widens(long, short)).toBe(false)
    const banned = [permit, { ...forbid, ...later }]
    const bannedShortly = [permit, { ...forbid, from, until }]
    expect(widens(banned, bannedShortly)).toBe(true)
    expect(widens(bannedShortly, banned)).toBe(false)
  })
})

describe('a rule that asks who asks', () => {
  const own: JsonObject = { 'traits.account_manager': { $principal: 'id' } }
  const asks = (rules: object[], who: Who, manager: unknown) => {
    const ability = createAbilities(never)(policy(...rules), who, ['service'])
    const row = { traits: { account_manager: manager }, restricted: false }
    const decided = ability.field('read', 'service', plan, row).allowed
    const seen = planProfile(ability, ['service'], new Map([['plan', definition]])).trait('plan')
    expect(seen.visible(row).allowed).toBe(decided)
    return decided
  }
  const definition: TraitDefinition = { key: 'plan', dataClass: 'none', purposes: [], owner: null }
  const ada: Who = { kind: 'principal', role: 'app', id: 'ada', name: 'Ada' }
  const bob: Who = { kind: 'principal', role: 'app', id: 'bob', name: 'Bob' }

  it('permits the one that the profile names (refused: another, a number, nobody)', () => {
    const rules = [{ ...permit, when: own }]
    expect(asks(rules, ada, 'ada')).toBe(true)
    expect(asks(rules, bob, 'ada')).toBe(false)
    for (const manager of [7, null, undefined, ['ada'], { $principal: 'id' }]) {
      expect(asks(rules, ada, manager)).toBe(false)
    }
  })

  it('forbids the one that the profile names (permitted: another)', () => {
    const rules = [permit, { ...forbid, when: own }]
    expect(asks(rules, ada, 'ada')).toBe(false)
    expect(asks(rules, ada, 'bob')).toBe(true)
    expect(asks(rules, ada, 7)).toBe(false)
  })

  it('permits nothing and forbids all to a caller who is not known', () => {
    expect(asks([{ ...permit, when: own }], app, 'ada')).toBe(false)
    expect(asks([{ ...permit, when: own }], app, undefined)).toBe(false)
    expect(asks([permit, { ...forbid, when: own }], app, 'ada')).toBe(false)
    expect(asks([permit], app, 'ada')).toBe(true)
  })

  it('takes placeholders in lists, in negations and in elements', () => {
    const each: [JsonObject, unknown, boolean][] = [
      [{ 'traits.account_manager': { $in: ['eve', { $principal: 'name' }] } }, 'Ada', true],
      [{ 'traits.account_manager': { $in: ['eve', { $principal: 'name' }] } }, 'ada', false],
      [{ 'traits.account_manager': { $exists: true, $ne: { $principal: 'id' } } }, 'ada', false],
      [{ 'traits.account_manager': { $exists: true, $ne: { $principal: 'id' } } }, 'bob', true],
      [
        { 'traits.account_manager': { $elemMatch: { $eq: { $principal: 'id' } } } },
        ['x', 'ada'],
        true,
      ],
      [{ 'traits.account_manager': { $elemMatch: { id: { $principal: 'id' } } } }, ['ada'], false],
    ]
    for (const [when, manager, allowed] of each) {
      expect(asks([{ ...permit, when }], ada, manager), JSON.stringify(when)).toBe(allowed)
    }
  })

  it('takes a name for a text, whatever it looks like', () => {
    const eve: Who = { kind: 'principal', role: 'app', id: '{"$ne":1}', name: 'x","$exists":true' }
    const rules = [{ ...permit, when: own }]
    expect(asks(rules, eve, 'ada')).toBe(false)
    expect(asks(rules, eve, '{"$ne":1}')).toBe(true)
  })

  it('is compiled for each principal, and for the role where no rule asks', () => {
    const abilities = createAbilities(never)
    const personal = policy({ ...permit, when: own })
    expect(abilities(personal, ada, [])).not.toBe(abilities(personal, bob, []))
    expect(abilities(personal, ada, [])).toBe(abilities(personal, { ...ada }, []))
    expect(abilities(policy(permit), ada, [])).toBe(abilities(policy(permit), bob, []))
    expect(abilities(policy(permit), ada, []).who).toEqual(app)
  })

  it.each<[string, JsonObject, string]>([
    ['names agents too', { agents: ['*'], when: own }, 'rules.0.agents'],
    [
      'asks for more than there is',
      { when: { 'traits.a': { $principal: 'key' } } },
      'rules.0.when.traits.a',
    ],
    [
      'mixes a placeholder with operators',
      { when: { 'traits.a': { $principal: 'id', $exists: true } } },
      'rules.0.when.traits.a',
    ],
    [
      'orders by who asks',
      { when: { 'traits.a': { $lt: { $principal: 'id' } } } },
      'rules.0.when.traits.a.$lt',
    ],
    [
      'compares a time with who asks',
      { when: { createdAt: { $principal: 'id' } } },
      'rules.0.when.createdAt',
    ],
    [
      'compares truth with who asks',
      { when: { restricted: { $principal: 'id' } } },
      'rules.0.when.restricted',
    ],
  ])('is refused when it %s', (_, part, path) => {
    expect(() => policy({ ...permit, ...part })).toThrow(
      expect.objectContaining({ values: expect.objectContaining({ path }) }),
    )
  })

  it('gives more than nothing and less than everything', () => {
    const some = [{ ...permit, when: own }]
    const other = [{ ...permit, when: { 'traits.account_manager': 'ada' } }]
    const widens = (one: object[], two: object[]) =>
      comparePolicies(policy(...one), policy(...two)).widens
    expect(
      widens(
        [{ ...permit, id: 'other', fields: ['trait:other'] }],
        [{ ...permit, id: 'other', fields: ['trait:other'] }, ...some],
      ),
    ).toBe(true)
    expect(widens([permit], some)).toBe(false)
    expect(widens(some, some)).toBe(false)
    expect(widens(some, [permit])).toBe(true)
    expect(widens(other, some)).toBe(true)
    expect(widens(some, other)).toBe(true)
    // The one who asks may be the very one that is named.
    const both = { 'traits.account_manager': { $in: ['ada'], $eq: { $principal: 'id' } } }
    const elsewhere = { ...permit, id: 'other', fields: ['trait:other'] }
    expect(widens([elsewhere], [elsewhere, { ...permit, when: both }])).toBe(true)
  })
})
