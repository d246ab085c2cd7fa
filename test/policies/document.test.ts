import { describe, expect, it } from 'vitest'
import { parsePolicy } from '../../policies/document.ts'
import { explain } from '../../policies/explain.ts'
import { shippedPolicy } from '../../policies/shipped.ts'
import type { TraitDefinition } from '../../core/model/trait.ts'
import { permit as rule } from '../support/rule.ts'

const permit = { ...rule, id: 'app-reads-plan', reason: 'plan' }
const document = (...rules: object[]) => ({ title: 'Test', rules })
const spoilt = (part: object) => document({ ...permit, ...part })
const without = (key: keyof typeof permit) =>
  document(Object.fromEntries(Object.entries(permit).filter(([name]) => name !== key)))
const forbid = (when: object) => spoilt({ effect: 'forbid', when })
const refused = (path: string, words: string) =>
  expect.objectContaining({
    code: 'policy_invalid',
    values: expect.objectContaining({ path }),
    message: expect.stringContaining(path),
    remedy: expect.stringContaining(words),
  })

describe('parsePolicy', () => {
  it('takes a rule that is in order', () => {
    expect(parsePolicy(document(permit)).rules).toHaveLength(1)
  })

  const traps: [string, object, string, string][] = [
    [
      'a misspelt key, which CASL would take for no condition',
      spoilt({ condition: { 'traits.vip': true } }),
      'rules.0.condition',
      'did you mean `when`',
    ],
    [
      'a key of CASL for one of ours',
      spoilt({ inverted: 'false' }),
      'rules.0.inverted',
      'did you mean `effect`',
    ],
    [
      'an unknown key of the document',
      { ...document(permit), version: 2 },
      'document.version',
      'spelling',
    ],
    [
      'no subject, which CASL would take for all',
      without('subject'),
      'rules.0.subject',
      'Add `subject` (what it is done to): one of Profile',
    ],
    [
      'the subject of everything',
      spoilt({ subject: 'all' }),
      'rules.0.subject',
      'Use one of Profile',
    ],
    ['the action of everything', spoilt({ action: 'manage' }), 'rules.0.action', 'Use one of read'],
    [
      'an action of another subject',
      spoilt({ action: 'approve' }),
      'rules.0.action',
      'read, write, send',
    ],
    ['empty fields', spoilt({ fields: [] }), 'rules.0.fields', 'Correct the value'],
    ['a permit without fields', without('fields'), 'rules.0.fields', 'Add `fields`'],
    ['a field of no kind', spoilt({ fields: ['plan'] }), 'rules.0.fields.0', 'Correct the value'],
    [
      'a field of no known class',
      spoilt({ fields: ['class:secret'] }),
      'rules.0.fields.0',
      'Correct the value',
    ],
    ['a rule about nobody', without('roles'), 'rules.0', 'Name `roles`'],
    ['empty roles', spoilt({ roles: [] }), 'rules.0.roles', 'Correct the value'],
    ['an unknown role', spoilt({ roles: ['root'] }), 'rules.0.roles.0', 'Use one of admin'],
    ['no purpose', without('purposes'), 'rules.0.purposes', 'Name purposes'],
    [
      'a purpose in capitals',
      spoilt({ purposes: ['Marketing'] }),
      'rules.0.purposes.0',
      'Correct the value',
    ],
    ['channels for a reading', spoilt({ channels: ['email'] }), 'rules.0.channels', 'Use `fields`'],
    ['an empty condition', spoilt({ when: {} }), 'rules.0.when', 'Leave `when` out'],
    ['$or at the top', forbid({ $or: [] }), 'rules.0.when.$or', 'one rule for each case'],
    [
      'an unknown operator, whose forbid would never match',
      forbid({ 'traits.vip': { $foo: 1 } }),
      'rules.0.when.traits.vip.$foo',
      '$eq',
    ],
    [
      'a regular expression',
      forbid({ 'traits.vip': { $regex: '^(a+)+$' } }),
      'rules.0.when.traits.vip.$regex',
      'Regular expressions',
    ],
    ['a misspelt attribute', forbid({ resticted: true }), 'rules.0.when.resticted', 'restricted'],
    [
      'an attribute in the wrong case',
      forbid({ Restricted: true }),
      'rules.0.when.Restricted',
      'restricted',
    ],
    [
      'an attribute that every object has',
      forbid({ constructor: true }),
      'rules.0.when.constructor',
      'traits.<key>',
    ],
    ['all traits at once', forbid({ traits: true }), 'rules.0.when.traits', 'traits.<key>'],
    [
      'a text for a boolean',
      forbid({ restricted: 'true' }),
      'rules.0.when.restricted',
      'without quotes',
    ],
    [
      'a number for a time',
      forbid({ createdAt: { $lt: 5 } }),
      'rules.0.when.createdAt.$lt',
      '2026-01-31T00:00:00Z',
    ],
    [
      'a time without a zone',
      forbid({ createdAt: { $lt: '2026-01-31T00:00:00' } }),
      'rules.0.when.createdAt.$lt',
      '2026-01-31T00:00:00Z',
    ],
    [
      'a list where a value belongs',
      forbid({ 'traits.vip': ['a'] }),
      'rules.0.when.traits.vip',
      '$in',
    ],
    [
      'an empty list',
      forbid({ 'traits.vip': { $in: [] } }),
      'rules.0.when.traits.vip.$in',
      'at least one',
    ],
    [
      'an object where a value belongs',
      forbid({ 'traits.vip': { $eq: {} } }),
      'rules.0.when.traits.vip.$eq',
      'Use a text',
    ],
    ['no operator', forbid({ 'traits.vip': {} }), 'rules.0.when.traits.vip', 'operator'],
    [
      'an order of booleans',
      forbid({ 'traits.vip': { $lt: true } }),
      'rules.0.when.traits.vip.$lt',
      'number',
    ],
    [
      'a permit for what is missing',
      spoilt({ when: { 'traits.state': { $ne: 'withdrawn' } } }),
      'rules.0.when.traits.state',
      '$exists',
    ],
    [
      'an $elemMatch of nothing',
      forbid({ 'traits.tags': { $elemMatch: {} } }),
      'rules.0.when.traits.tags.$elemMatch',
      'condition',
    ],
    ['two rules with one id', document(permit, permit), 'rules.1.id', 'Rename'],
    ['no rules', document(), 'rules', 'Correct the value'],
    [
      'a condition where no profile is looked at',
      document({
        ...permit,
        action: 'administer',
        subject: 'Source',
        purposes: undefined,
        fields: undefined,
        when: { restricted: false },
      }),
      'rules.0.when',
      'Remove `when`',
    ],
  ]
  it.each(traps)('refuses %s', (_, input, path, words) => {
    expect(() => parsePolicy(input)).toThrow(refused(path, words))
  })

  it('refuses what is no document at all', () => {
    for (const input of [null, 'policy', [], 7]) {
      expect(() => parsePolicy(input)).toThrow(expect.objectContaining({ code: 'policy_invalid' }))
    }
  })

  it('takes a permit by inequality that says the value must be there', () => {
    const when = { 'traits.state': { $exists: true, $ne: 'withdrawn' } }
    expect(parsePolicy(spoilt({ when })).rules[0]?.condition).toBeDefined()
  })

  it('refuses a condition on a trait that is only in the vault (takes one in the row)', () => {
    const definition: TraitDefinition = {
      key: 'income',
      dataClass: 'sensitive',
      purposes: [],
      owner: null,
    }
    const asked = forbid({ 'traits.income': { $gt: 1000 } })
    expect(() => parsePolicy(asked, [definition])).toThrow(
      refused('rules.0.when.traits.income', 'derive'),
    )
    expect(parsePolicy(asked, [{ ...definition, dataClass: 'none' }]).rules).toHaveLength(1)
  })

  it('gives the same hash whatever the order of keys, and another for another content', () => {
    const turned = Object.fromEntries(Object.entries(permit).toReversed())
    expect(parsePolicy(document(turned)).hash).toBe(parsePolicy(document(permit)).hash)
    expect(parsePolicy(spoilt({ reason: 'other' })).hash).not.toBe(
      parsePolicy(document(permit)).hash,
    )
  })
})

describe('the shipped policy', () => {
  it('is in order and explains each of its rules in a sentence', () => {
    const policy = shippedPolicy()
    for (const { id, reason, sentence } of policy.rules) {
      expect(explain(policy, id, reason)).toBe(sentence)
      expect(sentence).toMatch(/^[A-Z].*\.$/)
    }
  })

  it('explains refusals that are no rule of it', () => {
    expect(explain(shippedPolicy(), null, 'consent_withdrawn')).toBe('The person withdrew consent.')
    expect(explain(null, 'gone', 'constructor')).toBe('Refused with the code constructor.')
  })
})
