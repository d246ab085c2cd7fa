import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { tellDecision } from '../../../core/explain/tellDecision.ts'
import type { DecisionFacts } from '../../../core/explain/tellDecision.ts'
import { audiences } from '../../../core/explain/sentence.ts'
import { findFlip } from '../../../core/explain/flip.ts'
import { tellFlip } from '../../../core/explain/tellFlip.ts'
import { english, wordsFor } from '../../../core/explain/words.ts'
import { changeWords } from '../../../core/explain/words/change.ts'
import { decide } from '../../../core/flow/gate/decide.ts'
import { checkNames } from '../../../core/model/decision.ts'
import { consent, given } from '../flow/gate/given.ts'
import type { Given } from '../flow/gate/given.ts'
import { root } from '../../support/source.ts'
import { arbitraryScenario, factsOf, scenarioOf } from './scenario.ts'

const told = (input: Given, changes: Partial<DecisionFacts> = {}): DecisionFacts => ({
  ...factsOf(scenarioOf(input), decide(scenarioOf(input).input)),
  ...changes,
})

/** Every code that stands in the sources of the gate and of the law. */
function codesInSource(): string[] {
  const folder = 'core/flow/gate/check'
  const files = [
    ...readdirSync(join(root, folder)).map((name) => join(folder, name)),
    'core/flow/gate/consent.ts',
    'policies/guard.ts',
  ]
  const said = /\b(?:pass|refuse|hold)\(([^,)]*)|(\? '[a-z_]+' : null)|(?:\||:) ('[a-z_]+')$/gm
  return files.flatMap((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(said)].flatMap(([all]) =>
      [...all.matchAll(/(?<!=== )'([a-z_]+)'/g)].flatMap(([, code]) => code ?? []),
    ),
  )
}

describe('the texts', () => {
  it('are there for every code that the gate can give', () => {
    const codes = new Set(codesInSource())
    expect(codes.size).toBeGreaterThan(25)
    const known = new Set(
      [english.shared, ...Object.values(english.checks)].flatMap((words) => Object.keys(words)),
    )
    expect([...codes].filter((code) => !known.has(code))).toEqual([])
  })

  it('say every verdict of the gate under its own code, whatever it decided about', () => {
    const unknown = new Set<string>()
    const seen = new Set<string>()
    fc.assert(
      fc.property(arbitraryScenario, ({ input }) => {
        for (const check of decide(input).checks) {
          const { code } = wordsFor(check, english)
          seen.add(`${check.name}.${code}`)
          if (code === 'unknown_code') unknown.add(`${check.name}.${check.reason}`)
        }
      }),
      { numRuns: 1000 },
    )
    expect([...unknown]).toEqual([])
    expect(seen.size).toBeGreaterThan(45)
  })

  const all = [
    ...checkNames.flatMap((name) =>
      Object.entries(english.checks[name]).map(([code, words]) => ({
        at: `${name}.${code}`,
        words,
      })),
    ),
    ...Object.entries(english.shared).map(([code, words]) => ({ at: code, words })),
    ...Object.entries(english.outcomes).map(([code, words]) => ({ at: code, words })),
    ...Object.entries(changeWords).map(([code, words]) => ({ at: code, words })),
  ]

  it('are whole sentences for each of the three', () => {
    const lacking = all.flatMap(({ at, words }) =>
      audiences
        .filter((audience) => !/^[A-Z{].*[.}]$/.test(words[audience]))
        .map((audience) => `${at} for the ${audience}`),
    )
    expect(lacking).toEqual([])
  })

  it('tell a person nothing of how it works inside', () => {
    const inner =
      /\{(?!aim|way|day|end)|policy|plugin|agent|manifest|webhook|purpose|trait|`|_|article|GDPR/i
    const told = [...all, ...Object.entries(english.rights).map(([at, words]) => ({ at, words }))]
    expect(told.filter(({ words }) => inner.test(words.subject)).map(({ at }) => at)).toEqual([])
  })

  it('name the article for each refusal that rests on the law', () => {
    const legal = [
      'subject',
      'restriction',
      'special_category',
      'objection',
      'lawful_basis',
    ] as const
    const own = new Set(['ok', 'subject_unknown', 'held'])
    const lacking = legal.flatMap((name) =>
      Object.entries(english.checks[name])
        .filter(([code, words]) => words.article === undefined && !own.has(code))
        .map(([code]) => `${name}.${code}`),
    )
    expect(lacking).toEqual([])
  })
})

describe('to an officer', () => {
  it('tells every check, with the consent it rests on and the rule in its own sentence', () => {
    const { text, sentences } = tellDecision(told({}), 'officer')
    const checks = sentences.filter(({ part }) => part === 'check').map(({ check }) => check)
    expect(checks).toEqual(checkNames)
    expect(text).toContain(
      'Consent consent-1: granted on 2026-05-01 for marketing.promotion by email, on the basis consent, without an end.',
    )
    expect(text).toContain(
      'Policy version 3 permits it by the rule consented-activations-leave: Analytics, personalization and marketing may leave by every channel while the profile is not restricted.',
    )
  })

  it('names the article on which a refusal rests', () => {
    const { sentences } = tellDecision(
      told({ rest: { consents: [consent({ decision: 'withdrawn' })] } }),
      'officer',
    )
    expect(sentences).toContainEqual(
      expect.objectContaining({ code: 'consent_withdrawn', article: 'Art. 7(3) GDPR' }),
    )
  })

  it('keeps what the asker may not see to an id', () => {
    const facts = told({}, { consents: new Map(), sentences: new Map() })
    const { text } = tellDecision(facts, 'officer')
    expect(text).toContain('It rests on the ledger entry consent-1.')
    expect(text).not.toContain('2026-05-01')
    expect(text).not.toContain('while the profile is not restricted')
  })
})

describe('to an integrator', () => {
  it('tells only what stands in the way, and what to change', () => {
    const { text, sentences } = tellDecision(
      told({ request: { channel: 'webhook' }, rest: { consents: [] } }),
      'integrator',
    )
    expect(sentences.filter(({ part }) => part === 'check').map(({ check }) => check)).toEqual([
      'request',
      'lawful_basis',
    ])
    expect(text).toContain('Give a `destination` with the proposal')
  })

  it('tells what an allowed message goes without', () => {
    const { text } = tellDecision(
      told({
        request: { fields: ['income'] },
        rest: { traits: [{ key: 'income', dataClass: 'sensitive', purposes: [], owner: null }] },
      }),
      'integrator',
    )
    expect(text).toContain('The channel leaves out income.')
  })
})

describe('to the person', () => {
  it('tells the one reason that decided, when, and what they can do', () => {
    const { text } = tellDecision(
      told({ rest: { consents: [consent({ decision: 'withdrawn' })] } }),
      'subject',
    )
    expect(text).toBe(
      'We did not use your data to send offers, by email. You withdrew your consent. You withdrew your consent on 2026-05-01. If what we have recorded about you is wrong, you can have it corrected. You can ask us for a copy of your data and how it is used. You can complain to your data protection authority.',
    )
  })

  it('offers a human decision where a machine alone may not decide', () => {
    const { text } = tellDecision(
      told({
        who: { kind: 'agent', id: 'churn-risk/score' },
        rest: {
          grant: {
            proposes: [
              {
                purpose: 'marketing',
                channels: ['email'],
                fields: [],
                decisionEffect: 'significant',
              },
            ],
          },
        },
      }),
      'subject',
    )
    expect(text).toContain('You can ask that a person and not a machine decides')
  })

  it('names no id, no program, no rule and no code', () => {
    fc.assert(
      fc.property(arbitraryScenario, (scenario) => {
        const facts = factsOf(scenario, decide(scenario.input))
        const { text, sentences } = tellDecision(facts, 'subject')
        const said = JSON.stringify([text, sentences.map(({ params, text }) => [params, text])])
        const secrets = [
          ...facts.checks.flatMap(({ evidence }) => evidence),
          facts.proposer,
          'support-shield',
          'complaint_open',
          'churn',
        ].filter((secret) => secret.length > 3)
        expect(secrets.filter((secret) => said.includes(secret))).toEqual([])
      }),
      { numRuns: 500 },
    )
  })
})

describe('what would turn it round', () => {
  it('is told in words to each of the three', () => {
    const flip = findFlip(scenarioOf({ rest: { consents: [] } }))
    expect(tellFlip(flip, 'officer').text).toBe(
      'It would be allowed if one thing were otherwise. The person grants marketing.promotion by email.',
    )
    expect(tellFlip(flip, 'subject').text).toBe(
      'It would be done if one thing were otherwise. You agree to it.',
    )
  })

  it('is told to be in nobody’s power for a person who is gone', () => {
    const { sets, text } = tellFlip(
      findFlip(scenarioOf({ subject: { erasedAt: given().now } })),
      'officer',
    )
    expect(sets).toEqual([])
    expect(text).toBe('Nothing that is in anybody’s power would have it allowed (erased).')
  })
})
