import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { allCandidates } from '../../../core/explain/candidates.ts'
import type { Change } from '../../../core/explain/change.ts'
import { findFlip, outcomeAfter, partsOf } from '../../../core/explain/flip.ts'
import { decide } from '../../../core/flow/gate/decide.ts'
import { consent, given, now } from '../flow/gate/given.ts'
import type { Given } from '../flow/gate/given.ts'
import { arbitraryScenario, later, policies, scenarioOf } from './scenario.ts'

const named = (set: readonly Change[] | undefined): string[] =>
  (set ?? []).map(({ code, params }) => [code, ...Object.values(params)].join(' '))

const flipOf = (input: Given, policy = policies[0]) => findFlip(scenarioOf(input, policy))
const smallest = (input: Given, policy = policies[0]): string[] =>
  named(flipOf(input, policy).sets[0])

const agent = { kind: 'agent', id: 'churn-risk/score' } as const
const hold = { purpose: 'marketing', agent: 'support-shield/watch', reason: 'complaint_open' }

describe('what would have a refused act allowed', () => {
  const cases: [string, Given, string[]][] = [
    ['a grant', { rest: { consents: [] } }, ['grant_consent marketing.promotion email']],
    [
      'a new grant after a withdrawal',
      { rest: { consents: [consent({ decision: 'withdrawn' })] } },
      ['grant_consent marketing.promotion email'],
    ],
    [
      'a destination, and a grant for the channel that needs it',
      { request: { channel: 'webhook' }, rest: { consents: [] } },
      ['give_destination', 'grant_consent marketing.promotion webhook'],
    ],
    ['a channel that exists', { request: { channel: 'pigeon' } }, ['use_channel email']],
    ['a plugin that runs', { killSwitches: { pluginPaused: true } }, ['resume_plugin p1']],
    [
      'a manifest that declares it',
      {
        who: agent,
        rest: { grant: { proposes: [] } },
      },
      ['declare_in_manifest marketing.promotion email none churn-risk/score'],
    ],
    ['the end of a restriction', { subject: { restricted: true } }, ['lift_restriction']],
    [
      'no objection any more',
      { subject: { objections: ['marketing'] } },
      ['lift_objection marketing'],
    ],
    [
      'both of two objections taken back',
      { subject: { objections: ['marketing', 'marketing.promotion'] } },
      ['lift_objection marketing', 'lift_objection marketing.promotion'],
    ],
    [
      'the release of a hold',
      { subject: { holds: [hold] } },
      ['release_hold support-shield/watch marketing'],
    ],
    [
      'another value of the trait that the rule asks for',
      { rest: { row: { traits: { do_not_contact: true } } } },
      ['remove_trait do_not_contact'],
    ],
    [
      'a rule, for a role that none permits',
      { who: { kind: 'principal', role: 'auditor' } },
      ['add_rule the role auditor marketing.promotion email'],
    ],
    ['an age that was recorded wrongly', { subject: { minorBand: 'under_16' } }, ['correct_age']],
    [
      'leaving a field out that was collected for something else',
      {
        request: { fields: ['plan'] },
        rest: { traits: [{ key: 'plan', dataClass: 'none', purposes: ['service'], owner: null }] },
      },
      ['drop_field plan'],
    ],
    [
      'declaring what the content carries',
      {
        request: { contentKeys: ['email'] },
        rest: { traits: [{ key: 'email', dataClass: 'contact', purposes: [], owner: null }] },
      },
      ['declare_field email'],
    ],
  ]
  it.each(cases)('is %s', (_, input, wanted) => {
    expect(smallest(input).toSorted()).toEqual(wanted.toSorted())
  })

  it('is the time at which a rule begins to count', () => {
    const input: Given = {
      who: agent,
      rest: {
        grant: { proposes: [{ purpose: 'marketing', channels: ['email'], fields: [] }] },
        row: { traits: { plan: 'pro' } },
      },
    }
    expect(flipOf(input, policies[1]).sets[0]?.[0]).toMatchObject({
      code: 'wait',
      params: { instant: later(2).toISOString() },
    })
  })

  it('is the end of a cap’s hours, if nothing else is sent meanwhile', () => {
    const contacts = { 'twice-a-day': { sent: 2 } }
    const [first] = flipOf({ rest: { contacts } }, policies[2]).sets
    expect(first?.[0]).toMatchObject({
      code: 'wait',
      params: { instant: later(24).toISOString() },
    })
  })

  it('is a human’s approval of what is risky, also after a refusal', () => {
    const input: Given = {
      request: { risk: 0.9 },
      rest: { contacts: { 'twice-a-day': { sent: 0 } } },
    }
    expect(smallest(input, policies[2])).toEqual(['approve'])
    const approval = { id: 'approval-1', verdict: 'refused', at: later(-1) } as const
    const refused = { ...input, rest: { ...input.rest, approval } }
    expect(smallest(refused, policies[2])).toEqual(['approve'])
  })

  it('does not claim another channel where nobody counted how often it was used', () => {
    const contacts = { 'twice-a-day': { sent: 0 } }
    const { sets } = flipOf(
      { request: { channel: 'ads' }, rest: { contacts: {}, consents: [consent()] } },
      policies[2],
    )
    expect(sets.flat().map(({ code }) => code)).not.toContain('use_channel')
    const counted = flipOf(
      { request: { channel: 'ads' }, rest: { contacts, consents: [consent()] } },
      policies[2],
    )
    expect(named(counted.sets[1])).toEqual(['use_channel email'])
  })

  it('is in nobody’s power for who has been erased', () => {
    expect(flipOf({ subject: { erasedAt: now } })).toEqual({
      to: 'allow',
      sets: [],
      without: 'erased',
    })
  })

  it('is not guessed where no policy was in force: nobody knows what one would say', () => {
    expect(flipOf({ rest: { policy: null } })).toMatchObject({
      sets: [],
      without: 'no_active_policy',
    })
  })

  it('names several ways of the same size, what is likelier first', () => {
    const { sets } = flipOf({
      rest: { consents: [consent({ decision: 'withdrawn' }), consent({ channel: 'sms' })] },
    })
    expect(sets.map(named)).toEqual([
      ['grant_consent marketing.promotion email'],
      ['use_channel sms'],
    ])
  })
})

describe('what would have an allowed act refused', () => {
  it('is the person’s word first of all', () => {
    expect(flipOf({}).sets.slice(0, 2).map(named)).toEqual([
      ['withdraw_consent marketing.promotion email'],
      ['object marketing.promotion'],
    ])
  })

  it('is the end of the grant, at its time', () => {
    const { sets } = flipOf({ rest: { consents: [consent({ expiresAt: later(3) })] } })
    expect(sets.flat()).toContainEqual(
      expect.objectContaining({
        code: 'wait',
        params: expect.objectContaining({ instant: later(3).toISOString() }),
      }),
    )
  })

  it('is no withdrawal where the law demands the act', () => {
    const { sets } = flipOf({ request: { purpose: 'security' }, rest: { consents: [] } })
    expect(sets.flat().map(({ code }) => code)).not.toContain('withdraw_consent')
    expect(sets.flat().map(({ code }) => code)).toContain('object')
  })
})

describe('every answer', () => {
  it('turns the decision round, while none of its parts does', () => {
    fc.assert(
      fc.property(arbitraryScenario, (scenario) => {
        const { to, sets } = findFlip(scenario)
        for (const set of sets) {
          expect(outcomeAfter(scenario, set)).toBe(to)
          for (const part of partsOf(set)) expect(outcomeAfter(scenario, part)).not.toBe(to)
        }
      }),
      { numRuns: 600 },
    )
  })

  it('is as small as trying every set of changes finds', () => {
    fc.assert(
      fc.property(arbitraryScenario, (scenario) => {
        const { to, sets } = findFlip(scenario)
        const { checks } = decide(scenario.input)
        const size = sets[0]?.length ?? 3
        if (to === 'refuse' || size < 2) return
        const all = allCandidates(scenario, checks)
        const smaller = all.flatMap((one, index) =>
          size < 3 ? [[one]] : [[one], ...all.slice(index + 1).map((other) => [one, other])],
        )
        for (const set of smaller) expect(outcomeAfter(scenario, set)).not.toBe('allow')
      }),
      { numRuns: 150 },
    )
  })

  it('is there, or it is said why there is none', () => {
    fc.assert(
      fc.property(arbitraryScenario, (scenario) => {
        const { sets, without } = findFlip(scenario)
        expect(sets.length === 0).toBe(without !== null)
      }),
      { numRuns: 500 },
    )
  })

  it('leaves what was decided about as it was', () => {
    fc.assert(
      fc.property(arbitraryScenario, (scenario) => {
        const before = decide(scenario.input)
        findFlip(scenario)
        expect(decide(scenario.input)).toEqual(before)
      }),
      { numRuns: 200 },
    )
  })
})

it('takes the gate’s own example for allowed', () => {
  expect(outcomeAfter(scenarioOf(), [])).toBe(decide(given()).outcome)
})
