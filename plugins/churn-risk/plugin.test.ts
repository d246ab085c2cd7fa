import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Cause } from 'slateboard/plugin'
import { openTrial, type Trial, type TrialInput } from 'slateboard/trial'

let trial: Trial
beforeAll(async () => {
  trial = await openTrial(import.meta.dirname)
})
afterAll(() => trial[Symbol.asyncDispose]())

const happened = (name: string, timestamp: string): Cause => ({
  kind: 'event',
  id: `${name} ${timestamp}`,
  type: 'track',
  name,
  timestamp,
  properties: {},
})

const regular = {
  firstActiveAt: '2025-10-01T10:00:00.000Z',
  lastActiveAt: '2025-12-30T10:00:00.000Z',
  activeDays: 12,
  visits: 40,
  orders: 6,
  complaints: 0,
}

async function score(input: TrialInput) {
  const outcome = await trial.react('score', input)
  if (outcome.kind !== 'done')
    return { risk: undefined, confidence: undefined, engagement: undefined }
  return {
    risk: Number(outcome.writes['churn_risk']?.value),
    confidence: Number(outcome.writes['churn_risk']?.confidence),
    engagement: outcome.writes['engagement']?.value,
  }
}

test('keeps first and last activity, days, visits and orders', async () => {
  const { engagement } = await score({
    now: '2026-01-03T00:00:00.000Z',
    causes: [
      happened('Order Completed', '2026-01-02T09:00:00.000Z'),
      happened('Product Viewed', '2026-01-01T08:00:00.000Z'),
      happened('Product Viewed', '2026-01-01T07:00:00.000Z'),
    ],
  })
  expect(engagement).toEqual({
    firstActiveAt: '2026-01-01T07:00:00.000Z',
    lastActiveAt: '2026-01-02T09:00:00.000Z',
    activeDays: 2,
    visits: 3,
    orders: 1,
    complaints: 0,
  })
})

test('rates a regular customer low and the same customer gone silent high', async () => {
  const present = await score({ traits: { engagement: regular }, now: '2025-12-31T00:00:00.000Z' })
  const silent = await score({ traits: { engagement: regular }, now: '2026-06-30T00:00:00.000Z' })
  expect(present.risk).toBeLessThan(0.2)
  expect(silent.risk).toBeGreaterThan(0.9)
})

test('an open complaint raises the risk, and its end lowers it again', async () => {
  const now = '2025-12-31T00:00:00.000Z'
  const before = await score({ traits: { engagement: regular }, now })
  const open = await score({
    traits: { engagement: regular },
    now,
    causes: [happened('Complaint Opened', now)],
  })
  const closed = await score({
    traits: { engagement: { ...regular, complaints: 1 } },
    now,
    causes: [happened('Complaint Closed', now)],
  })
  expect(open.risk).toBeGreaterThan((before.risk ?? 1) + 0.2)
  expect(closed.risk).toBe(before.risk)
})

test('is more confident the more days it has seen', async () => {
  const few = await score({ traits: { engagement: { ...regular, activeDays: 1 } } })
  const many = await score({ traits: { engagement: { ...regular, activeDays: 30 } } })
  expect(few.confidence).toBeLessThan(0.2)
  expect(many.confidence).toBeGreaterThan(0.8)
})

test('stays within 0 and 1 whatever it is given', async () => {
  const odd = { ...regular, firstActiveAt: '2999-01-01T00:00:00.000Z', complaints: 1_000_000 }
  for (const now of ['1970-01-01T00:00:00.000Z', '2500-01-01T00:00:00.000Z']) {
    const { risk } = await score({ traits: { engagement: odd }, now })
    expect(risk).toBeGreaterThanOrEqual(0)
    expect(risk).toBeLessThanOrEqual(1)
  }
})

test('says nothing about a profile without any activity', async () => {
  expect(await trial.react('score', {})).toEqual({
    kind: 'cancel',
    reason: 'nothing is known about activity yet',
  })
})
