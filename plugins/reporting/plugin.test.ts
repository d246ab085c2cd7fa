import { afterAll, beforeAll, expect, test } from 'vitest'
import type { JsonObject } from 'slateboard/plugin'
import { openTrial, type Trial } from 'slateboard/trial'

let trial: Trial
beforeAll(async () => {
  trial = await openTrial(import.meta.dirname)
})
afterAll(() => trial[Symbol.asyncDispose]())

const collect = (segment: string, counted: JsonObject, counts: JsonObject) =>
  trial.react('collect', {
    profileId: 'ada',
    traits: { churn_risk: 0.8, segment: { name: segment } },
    state: { profile: { counted }, plugin: { counts } },
  })

test('counts a customer where they are, and no longer where they were', async () => {
  const outcome = await collect(
    'lost',
    { segment: 'loyal', risk: 'high' },
    { segment: { loyal: 5, lost: 1 }, risk: { high: 3 } },
  )
  expect(outcome).toMatchObject({
    state: {
      profile: { counted: { segment: 'lost', risk: 'high' } },
      plugin: { counts: { segment: { loyal: 4, lost: 2 }, risk: { high: 3 } } },
    },
  })
})

test('writes nothing where nothing changed', async () => {
  const counted = { segment: 'loyal', risk: 'high' }
  expect(await collect('loyal', counted, {})).toEqual({ kind: 'cancel', reason: 'nothing changed' })
})

test('keeps nothing that leads to a person', async () => {
  const outcome = await collect('loyal', {}, {})
  expect(outcome).toMatchObject({ state: { plugin: { counts: { segment: { loyal: 1 } } } } })
  expect(JSON.stringify(outcome)).not.toContain('ada')
})

test('tells counts from ten on, and how many it keeps to itself', async () => {
  const counts = { segment: { loyal: 10, lost: 9 }, risk: { high: 120, low: 1 } }
  const now = '2026-01-02T05:00:00.000Z'
  const told = await trial.react('publish', {
    now,
    traits: { report_watch: true },
    state: { plugin: { counts } },
  })
  expect(told).toMatchObject({
    writes: {
      report: {
        value: { at: now, counts: { segment: { loyal: 10 }, risk: { high: 120 } }, suppressed: 2 },
      },
    },
  })
})

test('publishes nothing to who does not watch', async () => {
  expect(await trial.react('publish', {})).toMatchObject({ kind: 'cancel' })
})
