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

const draft = {
  draft: 'd1',
  variant: 'win_back',
  subject: 'Hello',
  text: 'Hello {{firstName}}',
  fields: ['firstName'],
}

test('takes along the draft, the hour and the segment that others have made ready', async () => {
  const traits = {
    churn_risk: risk(0.9),
    message_content: draft,
    brand_safety: { verdict: 'fit', draft: 'd1', found: [] },
    send_hour: 90,
    segment: { name: 'at_risk', monetary: 4 },
  }
  expect(await trial.react('choose', { traits })).toMatchObject({
    activations: [
      {
        content: {
          offer: 'discount-20',
          subject: 'Hello',
          text: 'Hello {{firstName}}',
          sendHour: 90,
        },
        fields: ['firstName'],
      },
    ],
  })
})

test.each([
  ['somebody objects to', draft, { verdict: 'unfit', draft: 'd1', found: ['gambling'] }],
  ['is for another occasion', { ...draft, variant: 'nurture/loyal' }, null],
  ['has a field that it may not send', { ...draft, fields: ['lastName'] }, null],
])('leaves a draft out that %s, and proposes without', async (_, message_content, brand_safety) => {
  const traits = {
    churn_risk: risk(0.9),
    message_content,
    ...(brand_safety ? { brand_safety } : {}),
  }
  const outcome = await trial.react('choose', { traits })
  expect(outcome).toMatchObject({
    activations: [{ content: { template: 'win-back' }, fields: [] }],
  })
  expect(outcome).not.toHaveProperty('activations.0.content.text')
})

test('does not mail who reads no mail, unless they prefer it', async () => {
  const message_engagement = { delivered: 8, opened: 0 }
  const choose = (more = {}) =>
    trial.react('choose', { traits: { churn_risk: risk(0.9), message_engagement, ...more } })
  expect(await choose()).toMatchObject({ activations: [{ channel: 'webhook' }] })
  expect(await choose({ preferred_channel: 'email' })).toMatchObject({
    activations: [{ channel: 'email' }],
  })
})

test('holds back while permissions are not up to date, and proposes once they are', async () => {
  const stale = { churn_risk: risk(0.9), compliance_state: { status: 'refresh_needed' } }
  const held = { action: 'win_back', channel: null, reason: 'permissions are not up to date' }
  expect(await trial.react('choose', { traits: stale })).toMatchObject({
    writes: { next_best_action: { value: held } },
    activations: [],
  })
  const traits = { ...stale, compliance_state: { status: 'current' }, next_best_action: held }
  expect(await trial.react('choose', { traits })).toMatchObject({
    writes: { next_best_action: { value: wonBack } },
    activations: [{ purpose: 'marketing.promotion' }],
  })
})

test('does not act on a guess or without a risk', async () => {
  expect(await trial.react('choose', { traits: { churn_risk: risk(0.9, 0.05) } })).toMatchObject({
    kind: 'cancel',
  })
  expect(await trial.react('choose', {})).toMatchObject({ kind: 'cancel' })
})
