import { describe, expect, it } from 'vitest'
import { checkNames } from '../../../../core/model/decision.ts'
import type { CheckName } from '../../../../core/model/decision.ts'
import type { DataClass, TraitDefinition } from '../../../../core/model/trait.ts'
import { decide } from '../../../../core/flow/gate/decide.ts'
import type { Ability } from '../../../../policies/ability.ts'
import { abilityFor, admin, consent, given, now } from './given.ts'
import type { Given } from './given.ts'

const agent = { kind: 'agent', id: 'churn-risk/score' } as const
const trait = (key: string, dataClass: DataClass, purposes: string[] = []): TraitDefinition => ({
  key,
  dataClass,
  purposes,
  owner: null,
})
const grant = {
  proposes: [{ purpose: 'marketing', channels: ['email'], fields: ['first_name'] }],
} as const

const capped = (sent: number): Given['rest'] & object => ({
  limits: [
    {
      id: 'three-a-week',
      sentence: 'Nobody gets more than three a week.',
      purposes: ['marketing'],
      channels: ['*'],
      cap: { max: 3, hours: 168 },
    },
  ],
  contacts: { 'three-a-week': { sent } },
})

const find = (input: Given, name: CheckName) =>
  decide(given(input)).checks.find((check) => check.name === name)

describe('decide', () => {
  it('allows what passes every check, with all verdicts in order', () => {
    const verdict = decide(given())
    expect(verdict).toMatchObject({ outcome: 'allow', reason: 'allowed' })
    expect(verdict.checks.map(({ name }) => name)).toEqual(checkNames)
    expect(verdict.checks.every((check) => check.verdict === 'pass')).toBe(true)
  })

  it('names the consent, the policy version and the rule it rests on', () => {
    expect(find({}, 'lawful_basis')?.evidence).toEqual(['consent-1'])
    expect(find({}, 'policy')?.evidence).toEqual(['policy:1', 'rule:consented-activations-leave'])
  })

  it('evaluates every check even after a failure, and the first failure decides', () => {
    const verdict = decide(
      given({
        request: { channel: 'pigeon' },
        subject: { restricted: true },
        rest: { consents: [] },
      }),
    )
    expect(verdict).toMatchObject({ outcome: 'refuse', reason: 'channel_unknown' })
    expect(verdict.checks).toHaveLength(checkNames.length)
    expect(
      verdict.checks.filter((check) => check.verdict === 'fail').map(({ name }) => name),
    ).toEqual(['request', 'restriction', 'lawful_basis', 'policy'])
  })

  const refusals: [string, CheckName, string, Given][] = [
    [
      'an unknown purpose',
      'request',
      'purpose_unknown',
      { request: { purpose: 'world_domination' } },
    ],
    [
      'a purpose that only begins like a known one',
      'request',
      'purpose_unknown',
      { request: { purpose: 'marketingplus' } },
    ],
    ['an unknown channel', 'request', 'channel_unknown', { request: { channel: 'pigeon' } }],
    ['the word for every channel', 'request', 'channel_unknown', { request: { channel: '*' } }],
    [
      'a channel that every object has',
      'request',
      'channel_unknown',
      { request: { channel: 'constructor' } },
    ],
    [
      'a webhook without a destination',
      'request',
      'destination_required',
      { request: { channel: 'webhook' } },
    ],
    [
      'a field that is no trait',
      'request',
      'field_unknown',
      { request: { fields: ['shoe_size'] } },
    ],
    [
      'a paused workspace',
      'kill_switch',
      'workspace_paused',
      { killSwitches: { workspacePaused: true } },
    ],
    ['a paused plugin', 'kill_switch', 'plugin_paused', { killSwitches: { pluginPaused: true } }],
    [
      'a paused channel',
      'kill_switch',
      'channel_paused',
      { killSwitches: { channelPaused: true } },
    ],
    ['the lack of an active policy', 'kill_switch', 'no_active_policy', { rest: { policy: null } }],
    ['an agent without a grant', 'manifest', 'not_declared', { who: agent }],
    [
      'an agent by a channel it did not declare',
      'manifest',
      'not_declared',
      { who: agent, rest: { grant }, request: { channel: 'sms' } },
    ],
    [
      'an agent for a purpose it did not declare',
      'manifest',
      'not_declared',
      { who: agent, rest: { grant }, request: { purpose: 'analytics' } },
    ],
    [
      'an agent with a field it did not declare',
      'manifest',
      'not_declared',
      {
        who: agent,
        rest: { grant, traits: [trait('plan', 'none')] },
        request: { fields: ['plan'] },
      },
    ],
    ['nobody', 'subject', 'subject_unknown', { subject: { profileIds: [] } }],
    ['an erased person', 'subject', 'erased', { subject: { erasedAt: now } }],
    ['a restricted person', 'restriction', 'restricted', { subject: { restricted: true } }],
    [
      'service to a restricted person',
      'restriction',
      'restricted',
      { request: { purpose: 'service' }, subject: { restricted: true } },
    ],
    ['a person under legal hold', 'restriction', 'legal_hold', { subject: { legalHold: true } }],
    ['marketing to a minor', 'special_category', 'minor', { subject: { minorBand: 'under_16' } }],
    [
      'special data without consent for exactly that',
      'special_category',
      'special_needs_explicit_consent',
      {
        request: { fields: ['illness'] },
        rest: {
          traits: [trait('illness', 'special')],
          consents: [consent({ purpose: 'marketing' })],
        },
      },
    ],
    ['a person who objected', 'objection', 'objected', { subject: { objections: ['marketing'] } }],
    [
      'advertising against Global Privacy Control',
      'objection',
      'gpc_opt_out',
      { request: { purpose: 'marketing.ads' }, subject: { gpc: true } },
    ],
    ['no consent', 'lawful_basis', 'no_consent', { rest: { consents: [] } }],
    [
      'consent of another person',
      'lawful_basis',
      'no_consent',
      { rest: { consents: [consent({ profileId: 'profile-2' })] } },
    ],
    [
      'a withdrawal',
      'lawful_basis',
      'consent_withdrawn',
      { rest: { consents: [consent({ decision: 'withdrawn' })] } },
    ],
    [
      'data collected for something else',
      'purpose_compatibility',
      'purpose_incompatible',
      {
        request: { fields: ['plan'] },
        rest: { traits: [trait('plan', 'none', ['service'])] },
      },
    ],
    [
      'a role the policy does not name',
      'policy',
      'policy_refused',
      { who: { kind: 'principal', role: 'auditor' } },
    ],
    [
      'a person marked do_not_contact',
      'policy',
      'do_not_contact',
      { rest: { row: { traits: { do_not_contact: true } } } },
    ],
    [
      'a mark that cannot be judged',
      'policy',
      'do_not_contact',
      { rest: { row: { traits: { do_not_contact: 'yes' } } } },
    ],
    [
      'a policy compiled for somebody else',
      'policy',
      'evaluation_error',
      { who: agent, rest: { policy: { number: 1, ability: abilityFor(admin, 'marketing') } } },
    ],
    [
      'sealed data smuggled into the content',
      'minimisation',
      'content_undeclared',
      {
        request: { contentKeys: ['email'] },
        rest: { traits: [trait('email', 'contact')] },
      },
    ],
    ['one message too many', 'frequency', 'frequency_capped', { rest: capped(3) }],
  ]
  it.each(refusals)('refuses %s', (_, name, reason, input) => {
    expect(find(input, name)).toMatchObject({ verdict: 'fail', reason })
    expect(decide(given(input))).toMatchObject({ outcome: 'refuse', validUntil: null })
  })

  const allowed: [string, Given][] = [
    [
      'a child of a known purpose',
      {
        request: { purpose: 'marketing.birthday' },
        rest: { consents: [consent({ purpose: 'marketing' })] },
      },
    ],
    [
      'a webhook with a destination and consent for it',
      {
        request: { channel: 'webhook', destination: 'https://example.test' },
        rest: { consents: [consent({ channel: 'webhook' })] },
      },
    ],
    [
      'an agent that declared purpose, channel and field',
      {
        who: agent,
        request: { fields: ['first_name'] },
        rest: { grant, traits: [trait('first_name', 'contact')] },
      },
    ],
    [
      'a notice of security to a restricted person',
      { request: { purpose: 'security' }, subject: { restricted: true } },
    ],
    ['marketing to an adult', { subject: { minorBand: 'adult' } }],
    ['service to a minor', { request: { purpose: 'service' }, subject: { minorBand: 'under_16' } }],
    [
      'a person who objected to something else',
      { subject: { objections: ['analytics', 'marketing.ads'] } },
    ],
    ['offers under Global Privacy Control', { subject: { gpc: true } }],
    ['service without consent', { request: { purpose: 'service' }, rest: { consents: [] } }],
    [
      'a person not marked do_not_contact',
      { rest: { row: { traits: { do_not_contact: false } } } },
    ],
    ['the last message below the cap', { rest: capped(2) }],
    ['a person of unknown jurisdiction', { subject: { jurisdiction: null } }],
  ]
  it.each(allowed)('allows %s', (_, input) => {
    expect(decide(given(input))).toMatchObject({ outcome: 'allow', reason: 'allowed' })
  })

  it('holds for an agent that asked to wait, with its reason', () => {
    const holds = [
      { purpose: 'marketing', agent: 'support-shield/watch', reason: 'complaint_open' },
    ]
    expect(decide(given({ subject: { holds } }))).toMatchObject({
      outcome: 'hold',
      reason: 'complaint_open',
      validUntil: null,
    })
    expect(find({ subject: { holds } }, 'restriction')?.evidence).toEqual([
      'agent:support-shield/watch',
    ])
  })

  it('does not hold what the hold is not about (service)', () => {
    const holds = [
      { purpose: 'marketing', agent: 'support-shield/watch', reason: 'complaint_open' },
    ]
    expect(decide(given({ request: { purpose: 'service' }, subject: { holds } })).outcome).toBe(
      'allow',
    )
  })

  it('refuses rather than holds what lacks consent', () => {
    const holds = [{ purpose: '*', agent: 'support-shield/watch', reason: 'complaint_open' }]
    expect(decide(given({ subject: { holds }, rest: { consents: [] } }))).toMatchObject({
      outcome: 'refuse',
      reason: 'no_consent',
    })
  })

  it('holds what weighs heavily on a person for a human', () => {
    const [act] = grant.proposes
    const heavy = { proposes: [{ ...act, decisionEffect: 'significant' }] } as const
    expect(decide(given({ who: agent, rest: { grant: heavy } }))).toMatchObject({
      outcome: 'hold',
      reason: 'human_review_needed',
    })
  })

  it('allows with the obligation to leave out what may not be sent', () => {
    const input: Given = {
      request: { fields: ['first_name', 'income'] },
      rest: { traits: [trait('first_name', 'contact'), trait('income', 'sensitive')] },
    }
    expect(decide(given(input))).toMatchObject({
      outcome: 'allow',
      obligations: { mask: ['income'] },
    })
    expect(find(input, 'minimisation')).toMatchObject({
      reason: 'masked',
      evidence: ['trait:income'],
    })
  })

  it('sends special data only with consent for exactly the purpose, and then leaves it to the policy', () => {
    const verdict = decide(
      given({ request: { fields: ['illness'] }, rest: { traits: [trait('illness', 'special')] } }),
    )
    expect(verdict).toMatchObject({ outcome: 'allow', obligations: { mask: ['illness'] } })
  })

  it('is valid for five minutes, and never longer than the consent', () => {
    expect(decide(given()).validUntil).toEqual(new Date('2026-06-01T12:05:00Z'))
    const expiresAt = new Date('2026-06-01T12:01:00Z')
    expect(decide(given({ rest: { consents: [consent({ expiresAt })] } })).validUntil).toEqual(
      expiresAt,
    )
  })

  it('fails a check that throws, tells of it, and evaluates the others', () => {
    const broken: Ability = {
      ...abilityFor(admin, 'marketing.promotion'),
      activate: () => {
        throw new TypeError('broken')
      },
    }
    const told: string[] = []
    const verdict = decide(given({ rest: { policy: { number: 1, ability: broken } } }), (check) =>
      told.push(check),
    )
    expect(verdict).toMatchObject({ outcome: 'refuse', reason: 'evaluation_error' })
    expect(verdict.checks).toHaveLength(checkNames.length)
    expect(told).toEqual(['policy'])
  })

  it('gives the same verdict for the same input', () => {
    expect(decide(given())).toEqual(decide(given()))
  })
})
