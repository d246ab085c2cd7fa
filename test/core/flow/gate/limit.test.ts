import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { approvalMs } from '../../../../core/flow/gate/check/limit.ts'
import { decide } from '../../../../core/flow/gate/decide.ts'
import { checkNames } from '../../../../core/model/decision.ts'
import type { CheckName } from '../../../../core/model/decision.ts'
import type { PolicyLimit } from '../../../../core/model/policyLimit.ts'
import type { DataClass, TraitDefinition } from '../../../../core/model/trait.ts'
import { given, now } from './given.ts'
import type { Given } from './given.ts'

const trait = (key: string, dataClass: DataClass): TraitDefinition => ({
  key,
  dataClass,
  purposes: [],
  owner: null,
})
const limit = (more: Partial<PolicyLimit>): PolicyLimit => ({
  id: 'some',
  sentence: 'Something is limited.',
  purposes: ['marketing'],
  channels: ['*'],
  ...more,
})
const find = (input: Given, name: CheckName) =>
  decide(given(input)).checks.find((check) => check.name === name)
const agent = { kind: 'agent', id: 'churn-risk/score' } as const
const dayMs = 86_400_000

describe('risk', () => {
  const limits = [limit({ riskAbove: 0.5 }), limit({ id: 'other', riskAbove: 0.7 })]
  const act = { purpose: 'marketing', channels: ['email'], fields: [] }
  const approval = (more: object = {}) =>
    ({ id: 'approval-1', verdict: 'approved', at: now, ...more }) as const

  it('holds what is above the lowest threshold, and allows what is as risky as that', () => {
    expect(decide(given({ request: { risk: 0.5 }, rest: { limits } })).outcome).toBe('allow')
    expect(decide(given({ request: { risk: 0.51 }, rest: { limits } }))).toMatchObject({
      outcome: 'hold',
      reason: 'risk_needs_approval',
    })
    expect(find({ request: { risk: 0.8 }, rest: { limits } }, 'risk')?.evidence).toEqual([
      'risk:0.8',
      'above:0.5',
      'limit:some',
      'limit:other',
    ])
  })

  it('holds nothing where no limit asks for approval', () => {
    expect(decide(given({ request: { risk: 1 } })).outcome).toBe('allow')
  })

  it("is at least what the agent's manifest says, and more where the agent says so", () => {
    const asked = (declared: number, risk: number) =>
      decide(
        given({
          who: agent,
          request: { risk },
          rest: { limits, grant: { proposes: [{ ...act, risk: declared }] } },
        }),
      ).outcome
    expect([asked(0, 0.4), asked(0.6, 0.1), asked(0.1, 0.6)]).toEqual(['allow', 'hold', 'hold'])
  })

  it('holds what would otherwise be allowed, and no more: without consent it is refused', () => {
    const input = { request: { risk: 1 }, rest: { limits, consents: [] } }
    expect(decide(given(input))).toMatchObject({ outcome: 'refuse', reason: 'no_consent' })
    expect(find(input, 'risk')?.verdict).toBe('hold')
  })

  it('passes once a person approved, until seven days later', () => {
    const asked = (agedMs: number) =>
      decide(
        given({
          request: { risk: 1 },
          rest: { limits, approval: approval({ at: new Date(now.getTime() - agedMs) }) },
        }),
      )
    expect(asked(0)).toMatchObject({ outcome: 'allow' })
    // Valid no longer than the approval is.
    expect(asked(approvalMs - 1)).toMatchObject({
      outcome: 'allow',
      validUntil: new Date(now.getTime() + 1),
    })
    expect(asked(approvalMs)).toMatchObject({ outcome: 'hold', reason: 'risk_needs_approval' })
  })

  it('is refused once a person refused, whatever the risk, and for ever', () => {
    const refused = approval({ verdict: 'refused', at: new Date(0) })
    expect(decide(given({ rest: { approval: refused } }))).toMatchObject({
      outcome: 'refuse',
      reason: 'refused_by_person',
    })
  })

  it('of a significant effect is a matter for a person, and an approval settles that too', () => {
    const grave = { proposes: [{ ...act, decisionEffect: 'significant' }] } as const
    const held = decide(given({ who: agent, rest: { grant: grave } }))
    expect(held).toMatchObject({ outcome: 'hold', reason: 'human_review_needed' })
    const minor = { proposes: [{ ...act, decisionEffect: 'minor' }] } as const
    expect(decide(given({ who: agent, rest: { grant: minor } })).outcome).toBe('allow')
    const approved = { who: agent, rest: { grant: grave, approval: approval() } }
    expect(decide(given(approved)).outcome).toBe('allow')
    expect(find(approved, 'automated_decision')?.evidence).toEqual([
      'effect:significant',
      'approval:approval-1',
    ])
  })

  it('of what is approved outweighs no hold and no refusal', () => {
    const holds = [{ purpose: '*', agent: 'support-shield/watch', reason: 'complaint_open' }]
    const rest = { limits, approval: approval() }
    expect(decide(given({ request: { risk: 1 }, subject: { holds }, rest }))).toMatchObject({
      outcome: 'hold',
      reason: 'complaint_open',
    })
    const objected = given({ request: { risk: 1 }, subject: { objections: ['marketing'] }, rest })
    expect(decide(objected)).toMatchObject({ outcome: 'refuse', reason: 'objected' })
  })
})

describe('age', () => {
  const input = (days: number, more: Given['request'] = {}): Given => ({
    request: { fields: ['plan', 'city'], ...more },
    rest: {
      limits: [limit({ maxAgeDays: 30 }), limit({ id: 'longer', maxAgeDays: 60 })],
      traits: [trait('plan', 'none'), trait('city', 'none')],
      writtenAt: { plan: new Date(now.getTime() - days * dayMs), city: now },
    },
  })

  it('leaves out what was written so many days ago, and sends what was written a moment later', () => {
    expect(decide(given(input(30)))).toMatchObject({
      outcome: 'allow',
      obligations: { mask: ['plan'], maxAgeDays: 30 },
    })
    const fresh = decide(given(input(30 - 1 / dayMs)))
    expect(fresh.obligations.mask).toEqual([])
    // It will be too old in a millisecond, so the answer is good for no longer.
    expect(fresh.validUntil).toEqual(new Date(now.getTime() + 1))
  })

  it('refuses what makes no sense without it, and sends what does', () => {
    expect(decide(given(input(30, { requires: ['city'] }))).outcome).toBe('allow')
    const refused = decide(given(input(30, { requires: ['plan'] })))
    expect(refused).toMatchObject({ outcome: 'refuse', reason: 'required_field_masked' })
    expect(find(input(30, { requires: ['plan'] }), 'minimisation')?.evidence).toEqual([
      'trait:plan',
    ])
  })

  it('refuses what requires a field that it does not carry', () => {
    expect(decide(given(input(1, { requires: ['shoe_size'] }))).reason).toBe(
      'required_field_masked',
    )
  })
})

describe('hashes', () => {
  it('are of the classes, traits and identifiers that are named, and of nothing that stays out', () => {
    const input = given({
      request: { fields: ['email', 'plan', 'income'] },
      rest: {
        limits: [limit({ hash: ['class:contact'] }), limit({ id: 'more', hash: ['trait:pl*'] })],
        channels: { email: { needsDestination: false, addressedBy: 'email' } },
        traits: [trait('email', 'contact'), trait('plan', 'none'), trait('income', 'sensitive')],
      },
    })
    expect(decide(input).obligations).toMatchObject({
      mask: ['income'],
      hash: ['trait:email', 'trait:plan', 'identifier:email'],
    })
  })

  it('are none where no limit asks for them', () => {
    const traits = [trait('email', 'contact')]
    const input = given({ request: { fields: ['email'] }, rest: { traits } })
    expect(decide(input).obligations.hash).toEqual([])
  })
})

describe('quiet hours', () => {
  const night = { from: '21:00', to: '08:00', timezone: 'UTC', timezoneTrait: 'timezone' }
  const at = (timezone: string): Given => ({
    rest: { limits: [limit({ quietHours: night })], row: { traits: { timezone } } },
  })

  it('put off until they end where the person lives', () => {
    const notBefore = new Date('2026-06-01T23:00:00Z')
    expect(decide(given(at('Asia/Tokyo')))).toMatchObject({
      outcome: 'allow',
      obligations: { notBefore },
    })
    expect(find(at('Asia/Tokyo'), 'frequency')).toMatchObject({
      verdict: 'pass',
      reason: 'quiet_hours',
      evidence: ['limit:some', 'notBefore:2026-06-01T23:00:00.000Z'],
    })
  })

  it('do not concern who is awake, whose answer is good until they begin', () => {
    const soon = { ...night, from: '12:01' }
    const verdict = decide(given({ rest: { limits: [limit({ quietHours: soon })] } }))
    expect(verdict.obligations.notBefore).toBeNull()
    expect(verdict.validUntil).toEqual(new Date('2026-06-01T12:01:00Z'))
  })

  it('that never end refuse', () => {
    const limits = [
      limit({ quietHours: { ...night, from: '00:00', to: '12:00' } }),
      limit({ id: 'rest', quietHours: { ...night, from: '12:00', to: '00:00' } }),
    ]
    expect(decide(given({ rest: { limits } }))).toMatchObject({
      outcome: 'refuse',
      reason: 'quiet_hours_never_end',
    })
  })
})

it('refuses where a cap was not counted, or a limit cannot be evaluated', () => {
  const uncounted = [limit({ cap: { max: 3, hours: 1 } })]
  const nowhere = [limit({ quietHours: { from: '21:00', to: '08:00', timezone: 'Nowhere' } })]
  for (const limits of [uncounted, nowhere]) {
    const raised: string[] = []
    const verdict = decide(given({ rest: { limits } }), (name) => raised.push(name))
    expect(verdict).toMatchObject({ outcome: 'refuse', reason: 'evaluation_error' })
    expect(raised).toEqual(['frequency'])
  }
})

describe('for every input', () => {
  const word = fc.constantFrom('marketing', 'marketing.promotion', 'service', 'nothing', '*', '')
  const anything = fc.record({
    request: fc.record({
      purpose: word,
      channel: fc.constantFrom('email', 'sms', 'ads', 'webhook', 'pigeon', '__proto__'),
      fields: fc.array(fc.constantFrom('plan', 'email', 'gone')),
      requires: fc.array(fc.constantFrom('plan', 'email')),
      risk: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
    subject: fc.record({
      profileIds: fc.array(fc.constantFrom('profile-1', 'profile-2')),
      restricted: fc.boolean(),
      gpc: fc.boolean(),
      objections: fc.array(word),
    }),
    rest: fc.record({
      limits: fc.array(
        fc
          .record(
            {
              cap: fc.record({ max: fc.integer({ min: 1, max: 3 }), hours: fc.constant(1) }),
              riskAbove: fc.double({ min: 0, max: 1, noNaN: true }),
              maxAgeDays: fc.integer({ min: 1, max: 3 }),
              hash: fc.array(fc.constantFrom('class:contact', 'trait:plan'), { minLength: 1 }),
            },
            { requiredKeys: [] },
          )
          .map(limit),
      ),
      contacts: fc.constantFrom({}, { some: { sent: 1 } }, { some: { sent: 2 } }),
      traits: fc.constantFrom([], [trait('plan', 'none'), trait('email', 'contact')]),
    }),
  })

  it('evaluates all sixteen checks in the one order, and one failure is enough to refuse', () => {
    expect(checkNames).toHaveLength(16)
    fc.assert(
      fc.property(anything, (input) => {
        const { outcome, reason, checks, obligations, validUntil } = decide(given(input))
        expect(checks.map(({ name }) => name)).toEqual(checkNames)
        const first = (verdict: string) => checks.find((check) => check.verdict === verdict)
        const [failed, held] = [first('fail'), first('hold')]
        expect(outcome).toBe(failed ? 'refuse' : held ? 'hold' : 'allow')
        expect(reason).toBe((failed ?? held)?.reason ?? 'allowed')
        expect(validUntil === null).toBe(outcome !== 'allow')
        if (failed)
          expect(obligations).toEqual({ mask: [], hash: [], notBefore: null, maxAgeDays: null })
      }),
      { numRuns: 500 },
    )
  })

  it('says the same again, and changes nothing of what it was given', () => {
    const freeze = (value: unknown): void => {
      if (typeof value !== 'object' || value === null || value instanceof Date) return
      Object.freeze(value)
      Object.values(value).forEach(freeze)
    }
    fc.assert(
      fc.property(anything, (input) => {
        const { policy, ...rest } = given(input)
        freeze(rest)
        expect(decide({ ...rest, policy })).toEqual(decide({ ...rest, policy }))
      }),
      { numRuns: 100 },
    )
  })
})

it.each(checkNames)('refuses when the check %s throws', (name) => {
  const trap = <T extends object>(value: T, keys: readonly string[]): T =>
    new Proxy(value, {
      get(target, key, receiver): unknown {
        if (keys.includes(String(key)) && new Error().stack?.includes(checkOf[name])) {
          throw new TypeError('not readable')
        }
        return Reflect.get(target, key, receiver)
      },
    })
  const raised: CheckName[] = []
  const verdict = decide(trap(given({ who: agent }), Object.keys(given())), (check) =>
    raised.push(check),
  )
  expect(raised).toContain(name)
  expect(verdict.checks.map((check) => check.name)).toEqual(checkNames)
  expect(verdict.checks.find((check) => check.name === name)).toEqual({
    name,
    verdict: 'fail',
    reason: 'evaluation_error',
    evidence: [],
  })
  expect(verdict.outcome).toBe('refuse')
})

const checkOf: Readonly<Record<CheckName, string>> = {
  request: 'checkRequest',
  kill_switch: 'checkKillSwitch',
  manifest: 'checkManifest',
  subject: 'checkSubject',
  restriction: 'checkRestriction',
  jurisdiction: 'checkJurisdiction',
  special_category: 'checkSpecialCategory',
  objection: 'checkObjection',
  lawful_basis: 'checkLawfulBasis',
  purpose_compatibility: 'checkPurposeCompatibility',
  automated_decision: 'checkAutomatedDecision',
  policy: 'checkPolicy',
  minimisation: 'checkMinimisation',
  frequency: 'checkFrequency',
  budget: 'checkBudget',
  risk: 'checkRisk',
}
