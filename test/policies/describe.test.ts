import { expect, it } from 'vitest'
import type { JsonObject } from '../../core/model/json.ts'
import { describeRule } from '../../policies/describe.ts'
import { parsePolicy } from '../../policies/document.ts'
import { shippedPolicy } from '../../policies/shipped.ts'

const rule = {
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
function words(part: object): string {
  const [read] = parsePolicy({ title: 'Test', rules: [{ ...rule, ...part }] }).rules
  return read === undefined ? expect.unreachable() : describeRule(read)
}
const condition = (when: JsonObject, effect = 'forbid') =>
  words({ effect, when }).replace(/^.* when /, '')

it('says what the shipped rules say', () => {
  const { rules } = shippedPolicy()
  const said = Object.fromEntries(rules.map((each) => [each.id, describeRule(each)]))
  expect(said).toMatchObject({
    'admin-reads-everything': 'Administrators may read all data of profiles whatever the purpose.',
    'app-reads-contact-for-service': 'Apps may read contact data of profiles for service.',
    'app-reads-pseudonymous':
      'Apps may read pseudonymous data of profiles for service, security, analytics, personalization and marketing.',
    'officer-reads-pseudonymous':
      'Compliance officers may read non-personal data and pseudonymous data of profiles whatever the purpose.',
    'agents-never-read-contact':
      'All agents must never read contact data of profiles whatever the purpose.',
    'agents-propose': 'All agents may propose activations.',
    'service-messages-leave':
      'Administrators, apps and all agents may have activations leave by any channel for service and security.',
    'consented-activations-leave':
      'Administrators, apps and all agents may have activations leave by any channel for analytics, personalization and marketing when restricted is false.',
    'do-not-contact':
      'Administrators, apps and all agents must never have activations leave by any channel for marketing when traits.do_not_contact is true.',
    'analytics-carry-pseudonyms':
      'Administrators, apps and all agents may send out non-personal data and pseudonymous data of profiles for analytics.',
    'sources-are-made': 'Administrators may administer sources.',
    'audit-is-read': 'Administrators, compliance officers and auditors may read the audit log.',
  })
  for (const sentence of Object.values(said)) expect(sentence).toMatch(/^[A-Z].*[^.]\.$/)
})

it('names callers, fields, channels and times', () => {
  expect(words({ roles: ['app', 'operator'], agents: ['churn-risk/*', 'next-offer/choose'] })).toBe(
    'Apps, operators, all agents of churn-risk and the agent next-offer/choose may read contact data of profiles for service.',
  )
  expect(
    words({ fields: ['trait:plan', 'trait:plan_*', 'identifier:email', 'identifier:*'] }),
  ).toBe(
    'Apps may read the trait plan, the traits plan_*, the identifier email and all identifiers of profiles for service.',
  )
  expect(words({ effect: 'forbid', fields: undefined, purposes: ['service', 'marketing'] })).toBe(
    'Apps must never read anything of profiles for service or marketing.',
  )
  const leave = { action: 'activate', subject: 'Activation', fields: undefined }
  expect(words({ ...leave, channels: ['email', 'sms'] })).toBe(
    'Apps may have activations leave by email or sms for service.',
  )
  expect(words({ from: '2026-01-01T00:00:00Z', until: '2026-02-01T00:00:00Z' })).toBe(
    'Apps may read contact data of profiles for service from 2026-01-01T00:00:00Z until 2026-02-01T00:00:00Z.',
  )
})

it.each<[JsonObject, string]>([
  [{ 'traits.country': { $in: ['DE', 'FR'] } }, 'traits.country is DE or FR.'],
  [{ 'traits.country': 'DE', restricted: true }, 'traits.country is DE and restricted is true.'],
  [{ 'traits.vip': true }, 'traits.vip is true.'],
  [{ 'traits.vip': 'true' }, 'traits.vip is "true".'],
  [{ 'traits.vip': 'or not' }, 'traits.vip is "or not".'],
  [{ 'traits.a is b': 1 }, '"traits.a is b" is 1.'],
  [
    { 'traits.age': { $gte: 18, $lt: 65 } },
    'traits.age is at least 18 and traits.age is below 65.',
  ],
  [{ 'traits.age': { $gt: 18, $lte: 65 } }, 'traits.age is above 18 and traits.age is at most 65.'],
  [{ 'traits.x': { $exists: true, $ne: 'a' } }, 'traits.x is present and traits.x is not a.'],
  [{ 'traits.x': { $exists: false } }, 'traits.x is missing.'],
  [{ 'traits.x': null }, 'traits.x is missing.'],
  [{ 'traits.x': { $ne: null } }, 'traits.x is present.'],
  [{ 'traits.x': { $nin: ['a', 'b'] } }, 'traits.x is not a or b.'],
  [{ 'traits.x': { $all: ['a', 'b'] } }, 'traits.x contains a and b.'],
  [{ 'traits.x': { $size: 2 } }, 'traits.x has 2 entries.'],
  [{ 'traits.x': { $elemMatch: { $eq: 'a' } } }, 'for an entry of traits.x, the entry is a.'],
  [
    { 'traits.x': { $elemMatch: { purpose: 'mkt', state: { $in: ['a', 'b'] } } } },
    'for an entry of traits.x, purpose is mkt and state is a or b.',
  ],
  [{ 'traits.owner': { $principal: 'id' } }, 'traits.owner is the id of who asks.'],
  [
    { 'traits.owner': { $in: ['a', { $principal: 'name' }] } },
    'traits.owner is a or the name of who asks.',
  ],
])('says %j in words', (when, said) => {
  expect(condition(when)).toBe(said)
})
