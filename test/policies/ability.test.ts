import { describe, expect, it } from 'vitest'
import { createAbilities } from '../../policies/ability.ts'
import type { Ability } from '../../policies/ability.ts'
import { parsePolicy } from '../../policies/document.ts'
import type { Field, ProfileRow, Who } from '../../policies/vocabulary.ts'
import { globMatches } from '../../policies/vocabulary.ts'

const app: Who = { kind: 'principal', role: 'app' }
const plan: Field = { kind: 'trait', key: 'plan', dataClass: 'none' }
const row: ProfileRow = { traits: {} }

const permit = {
  id: 'permit',
  sentence: 'Apps see the plan of a customer.',
  effect: 'permit',
  roles: ['app'],
  action: 'read',
  subject: 'Profile',
  purposes: ['marketing'],
  fields: ['trait:plan'],
  reason: 'permitted',
}
const forbid = { ...permit, id: 'forbid', effect: 'forbid', reason: 'forbidden' }

function compile(rules: object[], who: Who = app, purposes = ['marketing']) {
  const errors: string[] = []
  const abilities = createAbilities((where) => errors.push(where))
  const ability = abilities(parsePolicy({ title: 'Test', rules }), who, purposes)
  return { ability, errors }
}
const reads = (ability: Ability, field = plan, given = row, purpose: string | null = 'marketing') =>
  ability.field('read', purpose, field, given)

describe('an ability', () => {
  it('permits what a rule permits and names the rule (refused: another field, action, role, purpose)', () => {
    const { ability } = compile([permit])
    expect(reads(ability)).toEqual({ allowed: true, rule: 'permit', reason: 'permitted' })
    const none = { allowed: false, rule: null, reason: 'no_rule' }
    expect(reads(ability, { ...plan, key: 'plane' })).toEqual(none)
    expect(reads(ability, { ...plan, kind: 'identifier' })).toEqual(none)
    expect(ability.field('send', 'marketing', plan, row)).toEqual(none)
    expect(reads(ability, plan, row, 'service')).toEqual(none)
    expect(reads(ability, plan, row, null)).toEqual(none)
    expect(reads(compile([permit], { kind: 'principal', role: 'officer' }).ability)).toEqual(none)
    expect(reads(compile([permit], { kind: 'agent', id: 'app/app' }).ability)).toEqual(none)
  })

  it('lets a forbid win wherever it stands, where CASL lets the later rule win', () => {
    for (const rules of [
      [permit, forbid],
      [forbid, permit],
    ]) {
      expect(reads(compile(rules).ability)).toMatchObject({ allowed: false, rule: 'forbid' })
    }
  })

  it('lets a forbid without fields forbid every field', () => {
    const { fields: _, ...whole } = forbid
    expect(reads(compile([permit, whole]).ability)).toMatchObject({ rule: 'forbid' })
  })

  it('covers children of a purpose (refused: its parent, a likeness)', () => {
    const purposes = ['marketing.promotion', 'marketingplus']
    const { ability } = compile([permit], app, purposes)
    expect(reads(ability, plan, row, 'marketing.promotion').allowed).toBe(true)
    expect(reads(ability, plan, row, 'marketingplus').allowed).toBe(false)
    const child = { ...permit, purposes: ['marketing.promotion'] }
    expect(reads(compile([child]).ability).allowed).toBe(false)
  })

  it('serves those without a purpose by rules for * alone', () => {
    const { ability } = compile([{ ...permit, purposes: ['*'] }], app, [])
    expect(reads(ability, plan, row, null).allowed).toBe(true)
    expect(reads(compile([permit], app, []).ability, plan, row, null).allowed).toBe(false)
  })

  it('names fields by class and by pattern', () => {
    const { ability } = compile([
      { ...permit, fields: ['class:contact', 'trait:plan_*', 'identifier:ios.*'] },
    ])
    const cases: [Field, boolean][] = [
      [{ kind: 'trait', key: 'email', dataClass: 'contact' }, true],
      [{ kind: 'identifier', key: 'email', dataClass: 'contact' }, true],
      [{ kind: 'trait', key: 'plan_name', dataClass: 'none' }, true],
      [{ kind: 'trait', key: 'my_plan_name', dataClass: 'none' }, false],
      [{ kind: 'identifier', key: 'ios.idfa', dataClass: 'pseudonymous' }, true],
      [{ kind: 'identifier', key: 'iosXidfa', dataClass: 'pseudonymous' }, false],
      [{ kind: 'trait', key: 'contact/trait:plan_x', dataClass: 'special' }, false],
      [{ kind: 'trait', key: 'class:contact', dataClass: 'none' }, false],
    ]
    for (const [field, allowed] of cases)
      expect(reads(ability, field).allowed, field.key).toBe(allowed)
  })

  it('names agents exactly, by plugin, or all', () => {
    const agent = { kind: 'agent', id: 'churn-risk/score' } as const
    const forAgents = (agents: string[]) => ({ ...permit, roles: undefined, agents })
    for (const name of ['churn-risk/score', 'churn-risk/*', '*']) {
      expect(reads(compile([forAgents([name])], agent).ability).allowed, name).toBe(true)
      expect(reads(compile([forAgents([name])]).ability).allowed, name).toBe(false)
    }
    expect(reads(compile([forAgents(['churn/*'])], agent).ability).allowed).toBe(false)
  })

  it('is not fooled by a row that claims to be something else', () => {
    const source = {
      ...permit,
      id: 'source',
      action: 'administer',
      subject: 'Source',
      purposes: undefined,
      fields: undefined,
    }
    const { ability } = compile([{ ...permit, when: { restricted: false } }, source])
    const claims = { traits: {}, __caslSubjectType__: 'Source', restricted: true }
    expect(reads(ability, plan, claims).allowed).toBe(false)
    expect(reads(ability, plan, { ...claims, restricted: false }).allowed).toBe(true)
  })

  it('never answers for profiles as such, which CASL would take for "some profile"', () => {
    // For `*`, since only then is the action CASL knows the bare `read` that is asked for here.
    const leave = { ...permit, id: 'leave', action: 'activate', subject: 'Activation' }
    const { ability } = compile([
      { ...permit, purposes: ['*'], when: { restricted: false } },
      { ...leave, purposes: ['*'], fields: undefined, channels: ['*'] },
    ])
    expect(reads(ability, plan, { ...row, restricted: false }).allowed).toBe(true)
    expect(ability.may('read', 'Profile').allowed).toBe(false)
    expect(ability.activate('marketing', 'email', row).allowed).toBe(true)
    expect(ability.may('activate', 'Activation').allowed).toBe(false)
  })

  it('answers for administration by role alone (refused: another role)', () => {
    const rule = {
      ...permit,
      action: 'administer',
      subject: 'Source',
      purposes: undefined,
      fields: undefined,
    }
    expect(compile([rule]).ability.may('administer', 'Source').allowed).toBe(true)
    expect(compile([rule]).ability.may('administer', 'Principal').allowed).toBe(false)
    const officer: Who = { kind: 'principal', role: 'officer' }
    expect(compile([rule], officer).ability.may('administer', 'Source').allowed).toBe(false)
  })

  it('compares strictly in a permit: missing, mistyped and null values permit nothing', () => {
    const { ability } = compile([{ ...permit, when: { 'traits.age': { $lt: 30 } } }])
    expect(reads(ability, plan, { traits: { age: 29 } }).allowed).toBe(true)
    for (const age of [30, '29', null, undefined, true, [29], new Date(0)]) {
      expect(reads(ability, plan, { traits: { age } }).allowed, JSON.stringify(age)).toBe(false)
    }
  })

  it('compares strictly in a forbid: what cannot be judged is forbidden', () => {
    const { ability } = compile([permit, { ...forbid, when: { 'traits.minor': true } }])
    for (const minor of [true, 'true', 1, 'yes', [true], {}]) {
      expect(reads(ability, plan, { traits: { minor } }).allowed, JSON.stringify(minor)).toBe(false)
    }
    for (const minor of [false, null, undefined]) {
      expect(reads(ability, plan, { traits: { minor } }).allowed, JSON.stringify(minor)).toBe(true)
    }
  })

  it('forbids when an attribute of the platform is not known', () => {
    const { ability } = compile([permit, { ...forbid, when: { jurisdiction: 'US-CA' } }])
    expect(reads(ability, plan, { traits: {}, jurisdiction: 'US-CA' }).allowed).toBe(false)
    expect(reads(ability, plan, { traits: {} }).allowed).toBe(false)
    expect(reads(ability, plan, { traits: {}, jurisdiction: 'DE' }).allowed).toBe(true)
  })

  it('asks one element for all of $elemMatch, where dotted paths would mix elements', () => {
    const when = { 'traits.consents': { $elemMatch: { purpose: 'mkt', state: 'granted' } } }
    const { ability } = compile([{ ...permit, when }])
    const consents = [
      { purpose: 'mkt', state: 'withdrawn' },
      { purpose: 'ops', state: 'granted' },
    ]
    expect(reads(ability, plan, { traits: { consents } }).allowed).toBe(false)
    const granted = [{ purpose: 'mkt', state: 'granted' }]
    expect(reads(ability, plan, { traits: { consents: granted } }).allowed).toBe(true)
  })

  it('refuses when evaluation throws, and tells of it', () => {
    const { ability, errors } = compile([{ ...permit, when: { 'traits.a': 1 } }])
    const broken: ProfileRow = {
      get traits(): ProfileRow {
        throw new TypeError('broken row')
      },
    }
    expect(reads(ability, plan, broken)).toMatchObject({
      allowed: false,
      reason: 'evaluation_error',
    })
    expect(errors).toEqual(['read:marketing on Profile'])
  })

  it('is compiled once per policy, caller and purposes', () => {
    const abilities = createAbilities(() => {})
    const policy = parsePolicy({ title: 'Test', rules: [permit] })
    const same = parsePolicy({ title: 'Test', rules: [permit] })
    const first = abilities(policy, app, ['a', 'b'])
    expect(abilities(same, app, ['b', 'a', 'a'])).toBe(first)
    expect(abilities(policy, app, ['a'])).not.toBe(first)
    expect(abilities(policy, { kind: 'agent', id: 'app/x' }, ['a', 'b'])).not.toBe(first)
  })
})

describe('globMatches', () => {
  it.each([
    ['*', '', true],
    ['a*', 'a', true],
    ['a*b', 'ab', true],
    ['a*a', 'a', false],
    ['*x*', 'axb', true],
    ['a*b*c', 'a1b2c', true],
    ['a*b*c', 'a1c2b', false],
    ['ab', 'abc', false],
  ])('%s over %s is %s', (pattern, text, expected) => {
    expect(globMatches(pattern, text)).toBe(expected)
  })

  it('stays fast on a hostile pattern', () => {
    const started = performance.now()
    globMatches('*a'.repeat(60) + 'b', 'a'.repeat(10_000))
    expect(performance.now() - started).toBeLessThan(100)
  })
})
