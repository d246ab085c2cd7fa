import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Cause, JsonObject } from 'slateboard/plugin'
import { openTrial, type Trial, type TrialInput } from 'slateboard/trial'

let trial: Trial
beforeAll(async () => {
  trial = await openTrial(import.meta.dirname)
})
afterAll(() => trial[Symbol.asyncDispose]())

const now = '2026-06-01T09:00:00.000Z'
const ago = (days: number): number => Date.parse(now) - days * 86_400_000
const crossed: Cause = {
  kind: 'trait',
  key: 'churn_risk',
  author: { kind: 'agent', id: 'churn-risk/score' },
}
const daily: Cause = { kind: 'schedule', at: now }

const react = (cause: Cause, seenDaysAgo: number, attempts?: JsonObject, more: TrialInput = {}) =>
  trial.react('reactivate', {
    now,
    causes: [cause],
    ...more,
    traits: {
      churn_risk: 0.8,
      engagement: { lastActiveAt: new Date(ago(seenDaysAgo)).toISOString() },
      ...more.traits,
    },
    state: { profile: attempts ? { attempts } : {} },
  })

test('proposes a reactivation as soon as the risk becomes high', async () => {
  expect(await react(crossed, 5)).toMatchObject({
    writes: { retention: { value: { stage: 'reactivating', attempts: 1 } } },
    activations: [{ purpose: 'marketing.promotion', channel: 'email', content: { attempt: 1 } }],
    state: { profile: { attempts: { count: 1, lastAt: Date.parse(now) } } },
  })
})

test('goes by the last visit in its daily round', async () => {
  expect(await react(daily, 40)).toMatchObject({
    activations: [{ purpose: 'marketing.promotion' }],
  })
  expect(await react(daily, 5)).toEqual({ kind: 'cancel', reason: 'they were here lately' })
})

test('waits between two attempts, and tries again after', async () => {
  expect(await react(daily, 60, { count: 1, lastAt: ago(5) })).toMatchObject({ kind: 'cancel' })
  expect(await react(daily, 60, { count: 1, lastAt: ago(15) })).toMatchObject({
    activations: [{ content: { attempt: 2 } }],
  })
})

test('gives up after the last attempt, until they come back by themselves', async () => {
  expect(await react(daily, 90, { count: 3, lastAt: ago(20) })).toMatchObject({
    writes: { retention: { value: { stage: 'given_up', attempts: 3 } } },
    activations: [],
  })
  expect(await react(crossed, 15, { count: 3, lastAt: ago(20) })).toMatchObject({
    activations: [{ content: { attempt: 1 } }],
  })
})

test('leaves who is being won back to the journey, and who is not is written to', async () => {
  const action = (action: string) => ({
    traits: { next_best_action: { action, channel: null, reason: '' } },
  })
  expect(await react(crossed, 5, undefined, action('win_back'))).toMatchObject({ kind: 'cancel' })
  expect(await react(crossed, 5, undefined, action('nurture'))).toMatchObject({ kind: 'done' })
})

test('holds back while permissions are not up to date', async () => {
  const traits = { compliance_state: { status: 'refresh_needed' } }
  expect(await react(crossed, 5, undefined, { traits })).toMatchObject({ kind: 'cancel' })
})

test('is not called while the risk is low', async () => {
  expect(await react(daily, 90, undefined, { traits: { churn_risk: 0.2 } })).toMatchObject({
    kind: 'cancel',
    reason: expect.stringContaining('precondition'),
  })
})
