import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Cause, JsonObject, TraitView } from 'slateboard/plugin'
import { openTrial, type Trial, type TrialInput } from 'slateboard/trial'

let trial: Trial
beforeAll(async () => {
  trial = await openTrial(import.meta.dirname)
})
afterAll(() => trial[Symbol.asyncDispose]())

const now = '2026-06-01T09:00:00.000Z'
const ago = (days: number): number => Date.parse(now) - days * 86_400_000
const daily: Cause = { kind: 'schedule', at: now }
const risk = (value: number, confidence = 0.6): TraitView => ({
  value,
  confidence,
  author: { kind: 'agent', id: 'churn-risk/score' },
  revision: 1,
  writtenAt: now,
})

const react = (seenDaysAgo: number, attempts?: JsonObject, traits: TrialInput['traits'] = {}) =>
  trial.react('reactivate', {
    now,
    causes: [daily],
    traits: {
      disengaged: { since: new Date(ago(40)).toISOString() },
      churn_risk: risk(0.8),
      engagement: { lastActiveAt: new Date(ago(seenDaysAgo)).toISOString() },
      ...traits,
    },
    state: { profile: attempts ? { attempts } : {} },
  })

test('notes when the risk becomes high, once, and when it is low again', async () => {
  const notice = (traits: TrialInput['traits'] = {}) => trial.react('notice', { now, traits })
  const disengaged = { since: now }
  expect(await notice({ churn_risk: 0.7 })).toMatchObject({
    writes: { disengaged: { value: disengaged } },
  })
  expect(await notice({ churn_risk: 0.9, disengaged })).toMatchObject({ writes: {} })
  expect(await notice({ churn_risk: 0.4, disengaged })).toMatchObject({
    writes: { disengaged: null },
  })
})

test('proposes a reactivation to who stays away, and not to who was here lately', async () => {
  expect(await react(40)).toMatchObject({
    writes: { retention: { value: { stage: 'reactivating', attempts: 1 } } },
    activations: [{ purpose: 'marketing.promotion', channel: 'email', content: { attempt: 1 } }],
    state: { profile: { attempts: { count: 1, lastAt: Date.parse(now) } } },
  })
  expect(await react(5)).toEqual({ kind: 'cancel', reason: 'they were here lately' })
})

test('waits between two attempts, and tries again after', async () => {
  expect(await react(60, { count: 1, lastAt: ago(5) })).toMatchObject({ kind: 'cancel' })
  expect(await react(60, { count: 1, lastAt: ago(15) })).toMatchObject({
    activations: [{ content: { attempt: 2 } }],
  })
})

test('gives up after the last attempt, until they come back by themselves', async () => {
  expect(await react(90, { count: 3, lastAt: ago(20) })).toMatchObject({
    writes: { retention: { value: { stage: 'given_up', attempts: 3 } } },
    activations: [],
  })
  expect(await react(40, { count: 3, lastAt: ago(60) })).toMatchObject({
    activations: [{ content: { attempt: 1 } }],
  })
})

test('leaves who is being won back to the journey, and who is not is written to', async () => {
  const next = (action: string) => ({ next_best_action: { action, channel: null, reason: '' } })
  expect(await react(40, undefined, next('win_back'))).toMatchObject({ kind: 'cancel' })
  expect(await react(40, undefined, next('nurture'))).toMatchObject({ kind: 'done' })
})

test('holds back while permissions are not up to date, and on a guess', async () => {
  const compliance_state = { status: 'refresh_needed' }
  expect(await react(40, undefined, { compliance_state })).toMatchObject({ kind: 'cancel' })
  expect(await react(40, undefined, { churn_risk: risk(0.9, 0.2) })).toMatchObject({
    kind: 'cancel',
    reason: 'too little is known of them',
  })
})

test('is not called for who never fell off', async () => {
  expect(await trial.react('reactivate', { causes: [daily] })).toMatchObject({
    kind: 'cancel',
    reason: expect.stringContaining('precondition'),
  })
})
