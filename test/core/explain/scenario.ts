import fc from 'fast-check'
import type { Scenario } from '../../../core/explain/scenario.ts'
import { definitionFor } from '../../../policies/guard.ts'
import type { DecisionFacts } from '../../../core/explain/tellDecision.ts'
import type { GateInput, GateVerdict } from '../../../core/flow/gate/input.ts'
import type { PolicyDocument } from '../../../core/model/policy.ts'
import { dataClasses } from '../../../core/model/trait.ts'
import type { TraitDefinition } from '../../../core/model/trait.ts'
import { compileAbility } from '../../../policies/ability.ts'
import { parsePolicy } from '../../../policies/document.ts'
import { limitsFor } from '../../../policies/limit.ts'
import { shippedPolicy } from '../../../policies/shipped.ts'
import type { Who } from '../../../policies/vocabulary.ts'
import { consent, given, now } from '../flow/gate/given.ts'
import type { Given } from '../flow/gate/given.ts'

const hour = 3_600_000
export const later = (hours: number): Date => new Date(now.getTime() + hours * hour)

const timed: PolicyDocument = {
  title: 'Seasons',
  rules: [
    {
      id: 'season',
      sentence: 'Marketing leaves by email and text message during the season.',
      effect: 'permit',
      roles: ['admin'],
      agents: ['*'],
      action: 'activate',
      subject: 'Activation',
      purposes: ['marketing', 'service'],
      channels: ['email', 'sms'],
      when: { restricted: false, 'traits.plan': { $in: ['pro', 'team'] } },
      from: later(2).toISOString(),
      until: later(8).toISOString(),
      reason: 'season',
    },
    {
      id: 'germany',
      sentence: 'Marketing leaves by every channel to people in Germany.',
      effect: 'permit',
      roles: ['admin', 'app'],
      action: 'activate',
      subject: 'Activation',
      purposes: ['marketing'],
      channels: ['*'],
      when: { jurisdiction: 'DE' },
      reason: 'germany',
    },
    {
      id: 'not-at-risk',
      sentence: 'People who are about to leave get no marketing.',
      effect: 'forbid',
      roles: ['admin'],
      agents: ['*'],
      action: 'activate',
      subject: 'Activation',
      purposes: ['marketing'],
      when: { 'traits.churn_risk': { $gte: 0.8 } },
      reason: 'about_to_leave',
    },
  ],
}

/** The shipped rules alone: what limits do is asked of those below. */
const { limits: _, ...unlimited } = shippedPolicy().document

const limited: PolicyDocument = {
  ...unlimited,
  title: 'Limits',
  tests: [],
  limits: [
    {
      id: 'twice-a-day',
      sentence: 'Nobody gets more than two promotions a day.',
      purposes: ['marketing'],
      channels: ['email', 'sms'],
      cap: { max: 2, hours: 24 },
    },
    {
      id: 'nights',
      sentence: 'Nobody is addressed at night.',
      purposes: ['*'],
      channels: ['*'],
      quietHours: { from: '13:00', to: '15:00', timezone: 'Europe/Berlin' },
    },
    {
      id: 'careful',
      sentence: 'What is risky is approved by somebody, leaves hashed, and never with old values.',
      purposes: ['*'],
      channels: ['*'],
      riskAbove: 0.5,
      maxAgeDays: 30,
      hash: ['class:contact'],
    },
  ],
}

export const policies = [
  parsePolicy({ ...unlimited, tests: [] }),
  parsePolicy(timed),
  parsePolicy(limited),
] as const

/** What was given, and the policy it was compiled from. */
export function scenarioOf(input: Given = {}, policy = policies[0]): Scenario {
  const made = given(input)
  const who: Who = input.who ?? { kind: 'principal', role: 'admin' }
  const ability = compileAbility(policy, who, [made.request.purpose], () => {}, made.now)
  const limits = limitsFor(policy, made.request.purpose, made.request.channel)
  const hasNone = input.rest?.policy === null
  return hasNone
    ? { input: made, policy: null }
    : { input: { ...made, policy: { number: 3, ability }, limits }, policy }
}

const purposes = [
  'marketing.promotion',
  'marketing',
  'marketing.ads',
  'analytics',
  'service',
  'security',
  'unheard_of',
]
const channels = ['email', 'sms', 'ads', 'webhook', 'pigeon']
const members = ['profile-1', 'profile-2']

const arbitraryConsent = fc.record({
  id: fc.string({ minLength: 4, maxLength: 8 }),
  profileId: fc.constantFrom(...members),
  purpose: fc.constantFrom(...purposes.slice(0, 5)),
  channel: fc.constantFrom('*', ...channels),
  decision: fc.constantFrom('granted', 'granted', 'denied', 'withdrawn', 'pending'),
  basis: fc.constantFrom('consent', 'consent', 'contract'),
  collectedAt: fc.integer({ min: -20, max: 4 }).map(later),
  expiresAt: fc.option(fc.integer({ min: -2, max: 20 }).map(later)),
  isOutdated: fc.constantFrom(false, false, false, true),
})

const arbitraryTrait = (key: string): fc.Arbitrary<TraitDefinition> =>
  fc.record({
    key: fc.constant(key),
    dataClass: fc.constantFrom(...dataClasses),
    purposes: fc.constantFrom([], ['service'], ['marketing']),
    owner: fc.constant(null),
  })

const rarely = fc.integer({ min: 0, max: 19 }).map((each) => each === 7)

const arbitrarySubject = fc.record({
  profileIds: rarely.chain((isNobody) =>
    fc.constantFrom(...(isNobody ? [[]] : [['profile-1'], members])),
  ),
  mergedAt: fc.option(fc.integer({ min: -10, max: 0 }).map(later)),
  erasedAt: rarely.map((isErased) => (isErased ? now : null)),
  restricted: rarely,
  legalHold: rarely,
  objections: fc.constantFrom([], [], [], ['marketing'], ['marketing.promotion', 'analytics']),
  holds: fc.constantFrom(
    [],
    [],
    [{ purpose: '*', agent: 'support-shield/watch', reason: 'complaint_open' }],
    [
      { purpose: 'marketing', agent: 'support-shield/watch', reason: 'complaint_open' },
      { purpose: 'service', agent: 'fraud/watch', reason: 'under_review' },
    ],
  ),
  gpc: rarely,
  minorBand: fc.constantFrom(null, null, 'adult', 'born_before_2012-03', 'born_before_2019-03'),
  jurisdiction: fc.constantFrom(null, 'DE', 'BR', 'US-CA'),
})

const who: fc.Arbitrary<Who> = fc.constantFrom(
  { kind: 'principal', role: 'admin' },
  { kind: 'principal', role: 'app' },
  { kind: 'principal', role: 'auditor' },
  { kind: 'agent', id: 'churn-risk/score' },
)

const grants: readonly GateInput['grant'][] = [
  null,
  {
    proposes: [{ purpose: 'marketing', channels: ['email'], fields: ['plan'] }],
  },
  {
    proposes: [
      {
        purpose: 'marketing',
        channels: ['*'],
        fields: [],
        decisionEffect: 'significant',
        risk: 0.7,
      },
    ],
  },
]

/** Persons, requests and rules of all kinds, of which some are allowed, some held and most refused. */
export const arbitraryScenario: fc.Arbitrary<Scenario> = fc
  .record({
    who,
    request: fc.record({
      purpose: fc.constantFrom(...purposes.slice(0, 3), ...purposes),
      channel: fc.constantFrom('email', 'email', ...channels),
      destination: fc.constantFrom(null, 'https://example.test/'),
      fields: fc.subarray(['plan', 'email', 'illness']),
      contentKeys: fc.subarray(['text', 'email']),
      requires: fc.constantFrom([], [], ['email']),
      risk: fc.constantFrom(0, 0.9),
    }),
    killSwitches: fc.record({
      workspacePaused: rarely,
      pluginPaused: rarely,
      channelPaused: rarely,
      proposerRevoked: rarely,
    }),
    subject: arbitrarySubject,
    consents: fc.array(arbitraryConsent, { maxLength: 4 }),
    isGranted: fc.boolean(),
    traits: fc.tuple(
      arbitraryTrait('plan'),
      arbitraryTrait('email'),
      fc.option(arbitraryTrait('illness'), { freq: 3 }),
    ),
    row: fc.record({
      do_not_contact: fc.constantFrom(false, false, true),
      plan: fc.constantFrom('free', 'pro'),
      churn_risk: fc.constantFrom(0.2, 0.9),
    }),
    grant: fc.constantFrom(...grants),
    contacts: fc.constantFrom({ 'twice-a-day': { sent: 0 } }, { 'twice-a-day': { sent: 2 } }, {}),
    writtenAt: fc.constantFrom({}, { plan: later(-1), email: later(-800) }),
    approval: fc.constantFrom(
      null,
      null,
      { id: 'approval-1', verdict: 'approved', at: later(-1) } as const,
      { id: 'approval-2', verdict: 'refused', at: later(-1) } as const,
    ),
    policy: fc.constantFrom(...policies),
    isRuled: rarely.map((isNot) => !isNot),
  })
  .map(({ who, request, killSwitches, subject, policy, isRuled, ...rest }) => {
    const { consents, isGranted, traits, row, grant, contacts, writtenAt, approval } = rest
    const granted = consent({ purpose: request.purpose, channel: request.channel })
    return scenarioOf(
      {
        who,
        request,
        killSwitches,
        subject,
        rest: {
          consents: isGranted ? [...consents, granted] : consents,
          traits: traits.flatMap((each) => each ?? []),
          row: { traits: row },
          grant: who.kind === 'agent' ? grant : null,
          contacts,
          writtenAt,
          approval,
          ...(isRuled ? {} : { policy: null }),
        },
      },
      policy,
    )
  })

/** What a decision looked at, out of what it was made from: for one that was not recorded. */
export function factsOf({ input, policy }: Scenario, verdict: GateVerdict): DecisionFacts {
  const { request, purposes, consents, now } = input
  const definition = definitionFor(request.purpose, purposes)
  return {
    outcome: verdict.outcome,
    reason: verdict.reason,
    checks: verdict.checks,
    obligations: verdict.obligations,
    validUntil: verdict.validUntil,
    decidedAt: now,
    purpose: request.purpose,
    aim: definition && 'description' in definition ? String(definition.description) : null,
    channel: request.channel,
    fields: request.fields,
    proposer: `${request.proposer.kind}:${request.proposer.id}`,
    consents: new Map(consents.map((consent) => [consent.id, consent])),
    sentences: new Map([
      ...(policy?.rules ?? []).map(({ id, sentence }) => [`rule:${id}`, sentence] as const),
      ...(policy?.document.limits ?? []).map(
        ({ id, sentence }) => [`limit:${id}`, sentence] as const,
      ),
    ]),
  }
}
