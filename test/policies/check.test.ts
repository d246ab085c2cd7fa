import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../core/model/json.ts'
import { acceptPolicy, checkPolicy } from '../../policies/check.ts'
import type { PolicyCatalogue } from '../../policies/check.ts'
import { shippedPolicy, shippedPurposes } from '../../policies/shipped.ts'
import { leave, permit, trait } from '../support/rule.ts'

const catalogue: PolicyCatalogue = {
  traits: [
    trait('plan', { schema: { type: 'string', enum: ['free', 'pro', 'team'] } }),
    trait('age', { schema: { type: 'integer' } }),
    trait('spend', { schema: { type: ['number', 'null'] } }),
    trait('vip', { schema: { type: 'boolean' } }),
    trait('tags', { schema: { type: 'array', items: { type: 'string' } } }),
    trait('address', {
      schema: {
        type: 'object',
        properties: { city: { type: 'string' } },
        additionalProperties: false,
      },
    }),
    trait('note'),
    trait('email', { dataClass: 'contact' }),
  ],
  purposes: ['service', 'marketing', 'marketing.promotion', 'research.health'],
  channels: ['email', 'webhook'],
  agents: ['churn-risk/score', 'churn-risk/explain', 'next-offer/choose'],
}
const check = (...rules: object[]) => checkPolicy({ title: 'Test', rules }, catalogue)
const problem = (path: string, remedy: string) =>
  expect.objectContaining({ path, severity: 'error', remedy: expect.stringContaining(remedy) })

describe('checkPolicy', () => {
  it('finds nothing wrong with what is shipped', () => {
    const { document } = shippedPolicy()
    expect(checkPolicy(document)).toEqual([])
    const workspace = {
      traits: [trait('do_not_contact')],
      purposes: shippedPurposes.map(({ key }) => key),
      channels: ['email', 'webhook'],
      agents: [],
    }
    expect(checkPolicy(document, workspace)).toEqual([])
  })

  it('tells all that is wrong at once, in the order of the rules', () => {
    const problems = check(
      { ...permit, condition: {}, purposes: ['servce'] },
      { ...permit, id: 'second', roles: ['aap'], effect: 'allow' },
      { ...permit, id: 'third', fields: ['trait:plam'], when: { resticted: true } },
      { ...permit, id: 'third' },
    )
    expect(problems).toEqual([
      problem('rules.0.condition', 'did you mean `when`?'),
      problem('rules.1.effect', 'Use one of permit, forbid'),
      problem('rules.1.roles.0', 'Did you mean app?'),
      problem('rules.2.when.resticted', 'Did you mean restricted?'),
      problem('rules.2.fields.0', 'Did you mean plan?'),
      problem('rules.3.id', 'Rename'),
    ])
  })

  it('is what acceptPolicy throws: the first in words, the others mentioned, all of them carried', () => {
    const input = { title: 'Test', rules: [{ ...permit, roles: ['aap'], purposes: [7], extra: 1 }] }
    expect(() => acceptPolicy(input, catalogue)).toThrow(
      expect.objectContaining({
        code: 'policy_invalid',
        message: expect.stringMatching(
          /roles\.0 is "aap".*There is more to mend: .*purposes.*extra/,
        ),
        problems: checkPolicy(input, catalogue),
      }),
    )
    expect(acceptPolicy({ title: 'Test', rules: [permit] }, catalogue).rules).toHaveLength(1)
  })

  it('shows what is long or hidden in a form that plays no tricks', () => {
    const [long] = check({ ...permit, effect: 'x'.repeat(1000) })
    expect(long?.value.length).toBeLessThanOrEqual(80)
    const [hidden] = check({ ...permit, sentence: 'Apps see\u202e nalp eht' })
    expect(hidden?.value).toContain('\\u{202e}')
    expect(hidden?.reason).toContain('U+202E')
  })
})

describe('the catalogue', () => {
  const known: [string, object][] = [
    ['a trait', permit],
    ['traits by pattern', { ...permit, fields: ['trait:pl*', 'trait:*'] }],
    [
      'identifiers',
      { ...permit, fields: ['identifier:user_id', 'identifier:*', 'identifier:ios.*'] },
    ],
    ['a child of a purpose', { ...permit, purposes: ['service.repair'] }],
    ['what stands above a purpose', { ...permit, purposes: ['research'] }],
    ['a channel', { ...leave, channels: ['email'] }],
    ['agents', { ...permit, roles: undefined, agents: ['churn-risk/*', 'next-offer/choose', '*'] }],
  ]
  it.each(known)('knows %s', (_, rule) => expect(check(rule)).toEqual([]))

  const unknown: [string, object, string, string][] = [
    ['a trait', { ...permit, fields: ['trait:plam'] }, 'rules.0.fields.0', 'Did you mean plan?'],
    [
      'a trait in Cyrillic',
      { ...permit, fields: ['trait:рlаn'] },
      'rules.0.fields.0',
      'Look-alike',
    ],
    [
      'traits by pattern',
      { ...permit, fields: ['trait:zz_*'] },
      'rules.0.fields.0',
      'use one of plan',
    ],
    [
      'SQL for a trait',
      { ...permit, fields: ["trait:x'; drop table profile; --"] },
      'rules.0.fields.0',
      'use one of',
    ],
    ['a namespace', { ...permit, fields: ['identifier:User Id'] }, 'rules.0.fields.0', 'namespace'],
    [
      'a namespace by pattern',
      { ...permit, fields: ['identifier:A*'] },
      'rules.0.fields.0',
      'namespace',
    ],
    [
      'a purpose',
      { ...permit, purposes: ['marketin'] },
      'rules.0.purposes.0',
      'Did you mean marketing?',
    ],
    [
      'a likeness of a purpose',
      { ...permit, purposes: ['marketingplus'] },
      'rules.0.purposes.0',
      'Define',
    ],
    ['a channel', { ...leave, channels: ['emial'] }, 'rules.0.channels.0', 'Did you mean email?'],
    [
      'an agent',
      { ...permit, roles: undefined, agents: ['churn-risk/scores'] },
      'rules.0.agents.0',
      'churn-risk/score?',
    ],
    [
      'a plugin',
      { ...permit, roles: undefined, agents: ['chum-risk/*'] },
      'rules.0.agents.0',
      'churn-risk/*?',
    ],
    [
      'a trait in a condition',
      { ...permit, when: { 'traits.vpi': true } },
      'rules.0.when.traits.vpi',
      'Did you mean vip?',
    ],
    [
      'a trait of SQL',
      { ...permit, when: { "traits.x' or 1=1 --": 1 } },
      "rules.0.when.traits.x' or 1=1 --",
      'Define',
    ],
    [
      'a sealed trait',
      { ...permit, when: { 'traits.email': 'a' } },
      'rules.0.when.traits.email',
      'derive',
    ],
  ]
  it.each(unknown)('does not know %s', (_, rule, path, remedy) =>
    expect(check(rule)).toEqual([problem(path, remedy)]),
  )

  it('is not asked for what it leaves out', () => {
    const rule = {
      ...permit,
      purposes: ['any'],
      fields: ['trait:any'],
      when: { 'traits.other': 1 },
    }
    expect(checkPolicy({ title: 'Test', rules: [rule] })).toEqual([])
  })

  const fitting: JsonObject[] = [
    { 'traits.plan': 'pro' },
    { 'traits.plan': { $in: ['pro', null] } },
    { 'traits.plan': { $gt: 'a' } },
    { 'traits.plan': { $principal: 'name' } },
    { 'traits.age': { $gte: 18, $lt: 65.5 } },
    { 'traits.spend': 1.5 },
    { 'traits.vip': { $exists: true } },
    { 'traits.tags': { $all: ['a'], $size: 2 } },
    { 'traits.tags': { $elemMatch: { $eq: 'a' } } },
    { 'traits.address.city': 'Ulm' },
    { 'traits.note': { $size: 1 } },
    { 'traits.note.x.y': 1 },
  ]
  it.each(fitting)('lets fit %j', (when) => expect(check({ ...permit, when })).toEqual([]))

  const unfitting: [JsonObject, string, string][] = [
    [{ 'traits.plan': 'gold' }, 'traits.plan', 'Its values are free, pro, team'],
    [{ 'traits.plan': 'prp' }, 'traits.plan', 'Did you mean pro?'],
    [{ 'traits.plan': 5 }, 'traits.plan', 'text in quotes'],
    [{ 'traits.plan': { $in: ['pro', 'max'] } }, 'traits.plan.$in.1', 'free, pro'],
    [{ 'traits.plan': { $lt: 5 } }, 'traits.plan.$lt', 'text in quotes'],
    [{ 'traits.plan': { $size: 1 } }, 'traits.plan.$size', '$eq or $in'],
    [{ 'traits.age': '18' }, 'traits.age', 'whole number without quotes'],
    [{ 'traits.age': 1.5 }, 'traits.age', 'whole number'],
    [{ 'traits.age': { $principal: 'id' } }, 'traits.age', 'whole number'],
    [{ 'traits.vip': 'true' }, 'traits.vip', 'without quotes'],
    [{ 'traits.vip': { $gt: 0 } }, 'traits.vip.$gt', 'without quotes'],
    [{ 'traits.tags': 'a' }, 'traits.tags', '$elemMatch'],
    [{ 'traits.tags': { $all: [1] } }, 'traits.tags.$all.0', 'text in quotes'],
    [{ 'traits.tags': { $elemMatch: { $eq: 1 } } }, 'traits.tags.$elemMatch.$eq', 'text in quotes'],
    [{ 'traits.tags': { $elemMatch: { name: 'a' } } }, 'traits.tags.$elemMatch.name', 'definition'],
    [{ 'traits.address.cty': 'Ulm' }, 'traits.address.cty', 'Did you mean city?'],
    [{ 'traits.address': 'Ulm' }, 'traits.address', 'members'],
    [{ 'traits.plan.name': 'pro' }, 'traits.plan.name', 'definition'],
  ]
  it.each(unfitting)('lets not fit %j', (when, path, remedy) =>
    expect(check({ ...permit, when })).toEqual([problem(`rules.0.when.${path}`, remedy)]),
  )
})
