import { describe, expect, it } from 'vitest'
import type { PolicyDocument, PolicyRule } from '../../core/model/policy.ts'
import { diffPolicies } from '../../policies/diff.ts'
import { parsePolicy } from '../../policies/document.ts'
import { shippedPolicy } from '../../policies/shipped.ts'

const shipped = shippedPolicy()
const { document } = shipped
/** The shipped policy with one rule in other words, or none. */
const changed = (id: string, change: Partial<PolicyRule> | null): PolicyDocument => ({
  ...document,
  rules: document.rules.flatMap((rule) =>
    rule.id === id ? (change === null ? [] : [{ ...rule, ...change }]) : [rule],
  ),
})
const diff = (next: PolicyDocument) => diffPolicies(shipped, parsePolicy(next))

describe('diffPolicies', () => {
  it('has nothing to say of the same', () => {
    expect(diff(document)).toEqual({ widens: false, rules: [], access: [], tests: [] })
  })

  it('says what is lost when a rule goes', () => {
    expect(diff(changed('app-reads-contact-for-service', null))).toEqual({
      widens: false,
      rules: [
        'Removed app-reads-contact-for-service: Apps see names, email addresses and phone numbers only to give service.',
      ],
      access: ['Apps may no longer read contact data for service.'],
      tests: [],
    })
  })

  it('says what is gained, and warns where the sentence stayed', () => {
    const { widens, rules, access } = diff(
      changed('app-reads-contact-for-service', { purposes: ['service', 'analytics'] }),
    )
    expect(widens).toBe(true)
    expect(rules).toEqual([
      'Changed app-reads-contact-for-service, purposes (with analytics): Apps see names, email addresses and phone numbers only to give service. (The sentence is as before; does it still say what the rule does?) In full: Apps may read contact data of profiles for service and analytics.',
    ])
    expect(access).toEqual(['Apps may now read contact data for analytics.'])
  })

  it('puts what belongs together into one sentence', () => {
    const access = diff(changed('policies-are-approved', { roles: ['admin', 'operator'] })).access
    expect(access).toEqual([
      'Compliance officers may no longer approve policies.',
      'Operators may now approve policies.',
    ])
    const send = diff(changed('service-messages-leave', { channels: ['email'] })).access
    expect(send).toEqual([
      'Administrators, apps and agents may no longer send activations by any other channel for security and service.',
    ])
  })

  it('tells cases that changed from cases that came or went', () => {
    const narrowed = diff(
      changed('consented-activations-leave', {
        when: { restricted: false, jurisdiction: { $in: ['DE'] } },
      }),
    )
    expect(narrowed.widens).toBe(false)
    expect(narrowed.access).toEqual([
      'Administrators, apps and agents may send activations by every channel for analytics, marketing and personalization in fewer cases than before.',
    ])
    expect(diff(changed('do-not-contact', null)).access).toEqual([
      'Administrators, apps and agents may send activations by every channel for marketing in more cases than before.',
    ])
  })

  it('tells a rule that only reads otherwise, and tables that changed', () => {
    expect(
      diff(changed('do-not-contact', { sentence: 'Nobody who said no gets marketing.' })),
    ).toEqual({
      widens: false,
      rules: [
        'Reworded do-not-contact: "People marked do_not_contact get no marketing." is now "Nobody who said no gets marketing."',
      ],
      access: [],
      tests: [],
    })
    const [first, second, ...rest] = document.tests ?? []
    if (!first || !second) throw new TypeError('there are no shipped tables')
    const tests = [{ ...first, name: 'another' }, { ...second, description: 'Otherwise.' }, ...rest]
    expect(diff({ ...document, tests }).tests).toEqual([
      `Added table another: ${first.description}`,
      `Changed table ${second.name}: Otherwise.`,
      `Removed table ${first.name}: ${first.description}`,
    ])
  })

  it('takes another class for unknown traits for wider', () => {
    expect(diff({ ...document, unknownTraits: 'sensitive' })).toEqual({
      widens: true,
      rules: [
        'Traits that nobody defined are taken for sensitive data, where they were taken for pseudonymous data.',
      ],
      access: [],
      tests: [],
    })
  })

  it('tells of everything where there was nothing', () => {
    const { widens, rules, access } = diffPolicies(null, shipped)
    expect(widens).toBe(true)
    expect(rules).toHaveLength(document.rules.length + (document.limits ?? []).length)
    expect(access).toContain('Administrators and compliance officers may now approve policies.')
    expect(access).toContain(
      'Apps may now read non-personal data, pseudonymous data and contact data for service.',
    )
  })
})
