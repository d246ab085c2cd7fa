import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Cause, JsonObject } from 'slateboard/plugin'
import { openTrial, type Trial } from 'slateboard/trial'

let trial: Trial
beforeAll(async () => {
  trial = await openTrial(import.meta.dirname)
})
afterAll(() => trial[Symbol.asyncDispose]())

const now = '2026-06-01T00:00:00.000Z'
const bought = (total: number, timestamp = now, name = 'Order Completed'): Cause => ({
  kind: 'event',
  id: `${name} ${timestamp} ${total}`,
  type: 'track',
  name,
  timestamp,
  properties: { total },
})
const purchases = (orders: number, spent: number, daysAgo: number): JsonObject => ({
  orders,
  spent,
  lastAt: new Date(Date.parse(now) - daysAgo * 86_400_000).toISOString(),
})

async function segmentOf(of: JsonObject, before?: JsonObject, config: JsonObject = {}) {
  const traits = { purchases: of, ...(before ? { segment: before } : {}) }
  const outcome = await trial.react('assign', { traits, now, config })
  return outcome.kind === 'done' ? outcome.writes['segment'] : undefined
}

test('counts orders and what was spent, whatever order the events came in', async () => {
  const causes = [bought(20, '2026-05-02T00:00:00.000Z'), bought(10.1, '2026-05-01T00:00:00.000Z')]
  expect(await trial.react('count', { causes })).toMatchObject({
    writes: {
      purchases: { value: { orders: 2, spent: 30.1, lastAt: '2026-05-02T00:00:00.000Z' } },
    },
  })
})

test('takes a refund off what was spent, and never below nothing', async () => {
  const traits = { purchases: purchases(1, 20, 3) }
  const causes = [bought(50, now, 'Order Refunded')]
  expect(await trial.react('count', { traits, causes })).toMatchObject({
    writes: { purchases: { value: { orders: 1, spent: 0 } } },
  })
})

test('tells champions, loyal and promising customers, those at risk and the lost apart', async () => {
  expect((await segmentOf(purchases(9, 1200, 3)))?.value).toEqual({
    name: 'champion',
    recency: 4,
    frequency: 4,
    monetary: 4,
  })
  expect(await segmentOf(purchases(5, 150, 60))).toMatchObject({ value: { name: 'loyal' } })
  expect(await segmentOf(purchases(1, 20, 3))).toMatchObject({ value: { name: 'promising' } })
  expect(await segmentOf(purchases(5, 450, 120))).toMatchObject({ value: { name: 'at_risk' } })
  expect(await segmentOf(purchases(9, 1200, 400))).toMatchObject({ value: { name: 'lost' } })
})

test('stays in a band until its limit is passed by the margin, either way', async () => {
  const before = { name: 'loyal', recency: 4, frequency: 2, monetary: 3 }
  const near = await segmentOf(purchases(3, 1050, 32), before)
  expect(near).toMatchObject({ value: { recency: 4, monetary: 3 } })
  const beyond = await segmentOf(purchases(3, 1150, 34), before)
  expect(beyond).toMatchObject({ value: { recency: 3, monetary: 4 } })
  const back = await segmentOf(purchases(3, 380, 3), before)
  expect(back).toMatchObject({ value: { monetary: 3 } })
  const gone = await segmentOf(purchases(3, 350, 3), before)
  expect(gone).toMatchObject({ value: { monetary: 2 } })
})

test('sorts by the thresholds of the config', async () => {
  const config = { orders: [1, 2, 3], spent: [1, 2, 3] }
  expect(await segmentOf(purchases(3, 3, 3), undefined, config)).toMatchObject({
    value: { name: 'champion' },
  })
})

test('is more confident the more orders it has seen', async () => {
  expect(await segmentOf(purchases(1, 20, 3))).toMatchObject({ confidence: 0.33 })
  expect(await segmentOf(purchases(8, 20, 3))).toMatchObject({ confidence: 0.8 })
})

test('does not wake for who never bought', async () => {
  expect(await trial.react('assign', {})).toMatchObject({ kind: 'cancel' })
  expect(await trial.react('count', { causes: [bought(5, now, 'Order Refunded')] })).toMatchObject({
    kind: 'cancel',
  })
})
