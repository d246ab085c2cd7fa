import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Cause, JsonObject } from 'slateboard/plugin'
import { openTrial, type Trial, type TrialInput } from 'slateboard/trial'
import { wilson } from './wilson.ts'

let trial: Trial
beforeAll(async () => {
  trial = await openTrial(import.meta.dirname)
})
afterAll(() => trial[Symbol.asyncDispose]())

const happened = (name: string, minute: number, properties: JsonObject = {}): Cause => ({
  kind: 'event',
  id: `${name} ${minute}`,
  type: 'track',
  name,
  timestamp: new Date(Date.UTC(2026, 0, 1, 10, minute)).toISOString(),
  properties,
})
const none = { delivered: 0, opened: 0, clicked: 0, converted: 0, unsubscribed: 0 }

// 5 of 10 and 0 of 10, as L. D. Brown, T. T. Cai and A. DasGupta, "Interval estimation for a binomial proportion",
// Statistical Science 16(2), 2001, has the formula.
test.each([
  [5, 10, 0.2366, 0.7634],
  [0, 10, 0, 0.2775],
  [10, 10, 0.7225, 1],
])('gives %i of %i its interval', (successes, trials, low, high) => {
  expect(wilson(successes, trials)).toEqual({ rate: successes / trials, low, high })
})

test('leaves everything possible where nothing was tried', () => {
  expect(wilson(0, 0)).toEqual({ rate: 0, low: 0, high: 1 })
})

const collect = (input: TrialInput) => trial.react('collect', input)

test('counts by person, and by agent and channel for all', async () => {
  const causes = [
    happened('Email Delivered', 1, { agent: 'journey' }),
    happened('Email Opened', 2, { agent: 'journey' }),
    happened('Message Delivered', 3, { agent: 'retention', channel: 'push' }),
    happened('Order Completed', 4),
  ]
  const outcome = await collect({ causes })
  expect(outcome).toMatchObject({
    writes: { message_engagement: { value: { ...none, delivered: 2, opened: 1, converted: 1 } } },
    state: {
      plugin: {
        totals: {
          'journey/email': { ...none, delivered: 1, opened: 1 },
          'retention/push': { ...none, delivered: 1, converted: 1 },
        },
      },
    },
  })
})

test('credits an order to the last message once, and not where nothing was sent', async () => {
  expect(await collect({ causes: [happened('Order Completed', 1)] })).toMatchObject({
    kind: 'cancel',
  })
  const causes = [happened('Order Completed', 1), happened('Order Completed', 2)]
  expect(await collect({ causes, state: { profile: { last: 'journey/email' } } })).toMatchObject({
    state: { plugin: { totals: { 'journey/email': { converted: 1 } } } },
  })
})

const judge = (totals: JsonObject, traits: JsonObject = {}) =>
  trial.react('judge', {
    traits: { performance_watch: true, ...traits },
    state: { plugin: { totals } },
  })

test('tells rates with their intervals', async () => {
  const outcome = await judge({ 'journey/email': { ...none, delivered: 10, opened: 5 } })
  expect(outcome).toMatchObject({
    writes: {
      performance: {
        value: {
          'journey/email': {
            delivered: 10,
            rates: { opened: { rate: 0.5, low: 0.2366, high: 0.7634 } },
          },
        },
      },
    },
  })
})

test('raises the alarm when a rate is surely too low, and not on a few deliveries', async () => {
  const of = 'journey/email'
  const few = await judge({ [of]: { ...none, delivered: 10 } })
  expect(few).not.toHaveProperty('writes.performance_alarm')
  const many = await judge({ [of]: { ...none, delivered: 200, opened: 6 } })
  expect(many).toMatchObject({
    writes: { performance_alarm: { value: [{ of, measure: 'opened', rate: 0.03, limit: 0.1 }] } },
  })
})

test('raises the alarm when too many unsubscribe', async () => {
  const of = 'retention/push'
  const totals = { [of]: { ...none, delivered: 200, opened: 100, unsubscribed: 20 } }
  expect(await judge(totals)).toMatchObject({
    writes: {
      performance_alarm: { value: [{ of, measure: 'unsubscribed', rate: 0.1, limit: 0.02 }] },
    },
  })
})

test('ends the alarm with its cause', async () => {
  const totals = { 'journey/email': { ...none, delivered: 200, opened: 60 } }
  const alarm = [{ of: 'journey/email', measure: 'opened', rate: 0.03, limit: 0.1 }]
  expect(await judge(totals, { performance_alarm: alarm })).toMatchObject({
    writes: { performance_alarm: null },
  })
})

test('works nothing out for who does not watch', async () => {
  expect(await trial.react('judge', {})).toMatchObject({ kind: 'cancel' })
})
