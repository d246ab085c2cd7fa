import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TraitView } from 'slateboard/plugin'
import { openTrial, type Trial } from 'slateboard/trial'

let trial: Trial
beforeAll(async () => {
  trial = await openTrial(import.meta.dirname)
})
afterAll(() => trial[Symbol.asyncDispose]())

const risk = (value: number, confidence = 0.8): TraitView => ({
  value,
  confidence,
  author: { kind: 'agent', id: 'churn-risk/score' },
  revision: 3,
  writtenAt: '2026-01-01T00:00:00.000Z',
})
const nothing = { kind: 'done', writes: {}, activations: [], holds: [], releases: [] }
const wonBack = { action: 'win_back', channel: 'email', reason: 'churn risk is high' }

test('proposes a win-back promotion by email when the risk is high', async () => {
  expect(await trial.react('choose', { traits: { churn_risk: risk(0.85) } })).toMatchObject({
    writes: { next_best_action: { value: wonBack } },
    activations: [
      {
        purpose: 'marketing.promotion',
        channel: 'email',
        content: { template: 'win-back', offer: 'discount-10' },
      },
    ],
  })
})

test('uses the preferred channel and makes a valuable customer the larger offer', async () => {
  const traits = { churn_risk: risk(0.9), preferred_channel: 'webhook', lifetime_value: 900 }
  expect(await trial.react('choose', { traits })).toMatchObject({
    activations: [{ channel: 'webhook', content: { offer: 'discount-20' } }],
  })
})

test('proposes nothing again while the customer stays in the same band', async () => {
  const traits = { churn_risk: risk(0.95), next_best_action: wonBack }
  expect(await trial.react('choose', { traits })).toEqual(nothing)
})

test('proposes again when consent for promotions changes, not for other purposes', async () => {
  const traits = { churn_risk: risk(0.95), next_best_action: wonBack }
  const change = (purpose: string) =>
    trial.react('choose', { traits, causes: [{ kind: 'consent', purpose, channel: 'email' }] })
  expect(await change('marketing')).toMatchObject({
    activations: [{ purpose: 'marketing.promotion' }],
  })
  expect(await change('analytics')).toEqual(nothing)
})

test('proposes nothing at medium and low risk', async () => {
  for (const [value, action] of [
    [0.5, 'nurture'],
    [0.1, 'none'],
  ] as const) {
    const outcome = await trial.react('choose', { traits: { churn_risk: risk(value) } })
    expect(outcome).toMatchObject({
      writes: { next_best_action: { value: { action } } },
      activations: [],
    })
  }
})

test('does not act on a guess or without a risk', async () => {
  expect(await trial.react('choose', { traits: { churn_risk: risk(0.9, 0.05) } })).toMatchObject({
    kind: 'cancel',
  })
  expect(await trial.react('choose', {})).toMatchObject({ kind: 'cancel' })
})
