import { describe, expect, it } from 'vitest'
import type { TraitDefinition } from '../../core/model/trait.ts'
import { planMatcher } from '../../core/model/match.ts'
import { createAbilities } from '../../policies/ability.ts'
import { parsePolicy } from '../../policies/document.ts'
import { isCompatible, planActivation, planProfile } from '../../policies/plan.ts'
import { shippedPolicy } from '../../policies/shipped.ts'
import type { ProfileRow, Who } from '../../policies/vocabulary.ts'
import { permit as rule } from '../support/rule.ts'

const app: Who = { kind: 'principal', role: 'app' }
const trait = (key: string, part: Partial<TraitDefinition> = {}): TraitDefinition => ({
  key,
  dataClass: 'none',
  purposes: [],
  owner: null,
  ...part,
})
const definitions = new Map(
  [
    trait('plan'),
    trait('email', { dataClass: 'contact' }),
    trait('spend', { dataClass: 'pseudonymous', purposes: ['analytics'] }),
  ].map((each) => [each.key, each]),
)
const free: ProfileRow = { traits: {}, restricted: false }

const abilities = createAbilities(() => {})
const planFor = (rules: object[], purposes: string[]) =>
  planProfile(
    abilities(parsePolicy({ title: 'Test', rules }), app, purposes),
    purposes,
    definitions,
  )
const shipped = (purposes: string[], who = app) =>
  planProfile(abilities(shippedPolicy(), who, purposes), purposes, definitions)

describe('planProfile', () => {
  it('is always, never, or conditional', () => {
    const conditional = planFor([{ ...rule, when: { 'traits.vip': true } }], ['service'])
    expect(planFor([rule], ['service']).trait('plan').plan).toEqual({ kind: 'always' })
    expect(planFor([rule], ['service']).trait('email').plan).toEqual({ kind: 'never' })
    expect(conditional.trait('plan').plan).toMatchObject({
      condition: { op: 'eq', field: 'traits.vip', value: true },
    })
    expect(conditional.row.plan).toEqual(conditional.trait('plan').plan)
  })

  it('says which rule let a value through or held it back', () => {
    const forbid = {
      ...rule,
      id: 'not-vip',
      effect: 'forbid',
      when: { 'traits.vip': true },
      reason: 'vip',
    }
    const field = planFor([rule, forbid], ['service']).trait('plan')
    expect(field.plan.kind).toBe('conditional')
    expect(field.visible(free)).toEqual({ allowed: true, rule: 'permit', reason: 'permitted' })
    expect(field.visible({ ...free, traits: { vip: true } })).toEqual({
      allowed: false,
      rule: 'not-vip',
      reason: 'vip',
    })
  })

  it('keeps the row when only a field is forbidden, and loses it when the profile is', () => {
    const forbid = { ...rule, id: 'not', effect: 'forbid' }
    const { fields: _, ...whole } = forbid
    expect(planFor([rule, forbid], ['service']).row.plan.kind).toBe('always')
    expect(planFor([rule, whole], ['service']).row.plan.kind).toBe('never')
  })

  it('takes what any of the purposes permits', () => {
    expect(shipped(['marketing', 'service']).trait('email').visible(free).allowed).toBe(true)
    expect(shipped(['marketing']).trait('email').visible(free)).toMatchObject({ reason: 'no_rule' })
  })

  it('keeps a trait to the purposes of its definition, whatever the rules say', () => {
    expect(shipped(['analytics']).trait('spend').visible(free).allowed).toBe(true)
    for (const purposes of [['service'], []]) {
      const admin = shipped(purposes, { kind: 'principal', role: 'admin' })
      expect(admin.trait('spend').plan.kind).toBe('never')
      expect(admin.trait('spend').visible(free)).toMatchObject({ reason: 'purpose_incompatible' })
    }
  })

  it('hides a restricted person from profiling, and when the reader does not say (not from service)', () => {
    const plan = shipped(['marketing']).trait('plan')
    expect(plan.visible(free).allowed).toBe(true)
    expect(plan.visible({ traits: {}, restricted: true })).toMatchObject({ reason: 'restricted' })
    expect(plan.visible({ traits: {} })).toMatchObject({ reason: 'restricted' })
    expect(
      shipped(['service']).trait('plan').visible({ traits: {}, restricted: true }).allowed,
    ).toBe(true)
  })

  it('takes an undefined trait for a pseudonym, and email and phone for contact data', () => {
    const plan = shipped(['marketing'])
    expect(plan.trait('unheard_of').visible(free).allowed).toBe(true)
    expect(shipped([]).trait('unheard_of').visible(free).allowed).toBe(false)
    expect(plan.identifier('user_id').visible(free).allowed).toBe(true)
    expect(plan.identifier('email').visible(free).allowed).toBe(false)
    expect(shipped(['service']).identifier('email').visible(free).allowed).toBe(true)
  })

  it('is kept while ability and definitions are the same, and worked out anew for new definitions', () => {
    const ability = abilities(shippedPolicy(), app, ['service'])
    const first = planProfile(ability, ['service'], definitions)
    expect(planProfile(ability, ['service'], definitions)).toBe(first)
    expect(planProfile(ability, ['service'], definitions, 'send')).not.toBe(first)
    const renewed = new Map([['email', trait('email')]])
    const plan = planProfile(ability, ['service'], renewed)
    expect(plan).not.toBe(first)
  })

  it('refuses and tells when a row cannot be evaluated', () => {
    const told: string[] = []
    const asked = parsePolicy({ title: 'Test', rules: [{ ...rule, when: { 'traits.a': 1 } }] })
    const ability = createAbilities((where) => told.push(where))(asked, app, ['service'])
    const broken: ProfileRow = {
      get traits(): ProfileRow {
        throw new TypeError('broken row')
      },
    }
    const ruling = planProfile(ability, ['service'], definitions).trait('plan').visible(broken)
    expect(ruling).toMatchObject({ allowed: false, reason: 'evaluation_error' })
    expect(told).toEqual(['read trait'])
  })
})

describe('planActivation', () => {
  const activation = {
    ...rule,
    action: 'activate',
    subject: 'Activation',
    purposes: ['marketing'],
    channels: ['email'],
    fields: undefined,
  }
  const planOf = (rules: object[], purpose: string, channel: string) => {
    const document: unknown = JSON.parse(JSON.stringify({ title: 'Test', rules }))
    return planActivation(abilities(parsePolicy(document), app, [purpose]), purpose, channel)
  }

  it('covers children of the purpose and the named channel (refused: another purpose, another channel)', () => {
    expect(planOf([activation], 'marketing.ads', 'email').kind).toBe('always')
    expect(planOf([activation], 'service', 'email').kind).toBe('never')
    expect(planOf([activation], 'marketing.ads', 'webhook').kind).toBe('never')
  })

  it('answers for every profile what the gate is told (refused: whom a forbid names)', () => {
    const forbid = {
      ...activation,
      id: 'not',
      effect: 'forbid',
      channels: undefined,
      when: { 'traits.do_not_contact': true },
    }
    const rules = [activation, forbid]
    const matches = planMatcher(planOf(rules, 'marketing', 'email'))
    const policy = parsePolicy(JSON.parse(JSON.stringify({ title: 'Test', rules })))
    for (const value of [true, false, 'true', null]) {
      const row = { ...free, traits: { do_not_contact: value } }
      const { allowed } = abilities(policy, app, ['marketing']).activate('marketing', 'email', row)
      expect(matches(row), String(value)).toBe(allowed)
    }
    expect(matches(free)).toBe(true)
    expect(matches({ ...free, traits: { do_not_contact: true } })).toBe(false)
  })
})

describe('isCompatible', () => {
  it('lets a purpose cover its children (refused: its parent, having none)', () => {
    expect(isCompatible(['marketing'], 'marketing.ads')).toBe(true)
    expect(isCompatible([], null)).toBe(true)
    expect(isCompatible(['marketing.ads'], 'marketing')).toBe(false)
    expect(isCompatible(['marketing'], null)).toBe(false)
  })
})
