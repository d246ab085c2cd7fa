import { describe, expect, test } from 'vitest'
import { decide } from '../../../../core/flow/gate/decide.ts'
import type { TraitDefinition } from '../../../../core/model/trait.ts'
import { compileAbility } from '../../../../policies/ability.ts'
import { parsePolicy } from '../../../../policies/document.ts'
import { shippedPolicy } from '../../../../policies/shipped.ts'
import { admin, consent, given, type Given } from './given.ts'

const mood = (more: Partial<TraitDefinition> = {}): TraitDefinition => ({
  key: 'mood',
  dataClass: 'pseudonymous',
  purposes: [],
  owner: null,
  ...more,
})

const checkOf = (input: Given) =>
  decide(given(input)).checks.find(({ name }) => name === 'special_category')

describe('a trait in the open that tells of health', () => {
  const sending = (trait: TraitDefinition, purpose: string): Given => ({
    request: { fields: ['mood'] },
    rest: { traits: [trait], consents: [consent({ purpose })] },
  })
  const special = mood({ specialBy: ['infers:health'] })

  test('leaves with explicit consent for exactly the purpose alone, one that does not with any', () => {
    expect(checkOf(sending(special, 'marketing'))).toMatchObject({
      verdict: 'fail',
      reason: 'special_needs_explicit_consent',
      evidence: ['trait:mood'],
    })
    expect(checkOf(sending(special, 'marketing.promotion'))).toMatchObject({
      verdict: 'pass',
      reason: 'explicit_consent',
    })
    expect(checkOf(sending(mood(), 'marketing'))).toMatchObject({ verdict: 'pass', reason: 'ok' })
  })

  test('is masked by rules about special data, whatever its class', () => {
    const { document } = shippedPolicy()
    const rules = [
      ...document.rules,
      {
        id: 'pseudonyms-leave',
        sentence: 'Administrators may send pseudonymous values for promotions.',
        effect: 'permit',
        roles: ['admin'],
        action: 'send',
        subject: 'Profile',
        purposes: ['marketing'],
        fields: ['class:pseudonymous'],
        reason: 'for_the_test',
      },
    ]
    const policy = parsePolicy({ title: 'Test', rules })
    const ability = compileAbility(policy, admin, ['marketing.promotion'], () => {})
    const maskOf = (trait: TraitDefinition) => {
      const input = sending(trait, 'marketing.promotion')
      const rest = { ...input.rest, policy: { number: 1, ability } }
      return decide(given({ ...input, rest })).obligations.mask
    }
    expect(maskOf(special)).toEqual(['mood'])
    expect(maskOf(mood())).toEqual([])
  })

  test('that may be used for nothing leaves for nothing', () => {
    const input = sending(mood({ purposes: ['-'] }), 'marketing.promotion')
    expect(decide(given(input))).toMatchObject({
      outcome: 'refuse',
      reason: 'purpose_incompatible',
    })
  })
})
