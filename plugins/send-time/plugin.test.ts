import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Cause } from 'slateboard/plugin'
import { openTrial, type Trial, type TrialInput } from 'slateboard/trial'
import { bestHour, emptyWeek, hoursOfWeek, withVisit } from './hours.ts'

let trial: Trial
beforeAll(async () => {
  trial = await openTrial(import.meta.dirname)
})
afterAll(() => trial[Symbol.asyncDispose]())

// Thursday, 1 January 2026: day 3 of the week.
const thursday = 3 * 24
const opened = (hour: number, day = 1): Cause => {
  const at = new Date(Date.UTC(2026, 0, day, hour))
  return {
    kind: 'event',
    id: at.toISOString(),
    type: 'track',
    name: 'Email Opened',
    timestamp: at.toISOString(),
    properties: {},
  }
}

async function learn(input: TrialInput) {
  const outcome = await trial.react('learn', input)
  if (outcome.kind !== 'done') throw new TypeError(`it answered ${outcome.kind}`)
  return { hour: outcome.writes['send_hour'], state: outcome.state }
}

test('names the hour at which the customer reads, with how sure it is', async () => {
  const weeks = Array.from({ length: 30 }, (_, week) => opened(18, 1 + 7 * week))
  const { hour } = await learn({ causes: weeks })
  expect(hour).toMatchObject({
    value: thursday + 18,
    confidence: 0.8,
    interval: { level: 0.5, method: 'dirichlet' },
  })
  const { low = 0, high = 0 } = hour?.interval ?? {}
  expect(high - low).toBeLessThan(10)
})

test('counts by the clock of where they live, and by UTC where that is not known', async () => {
  const causes = [opened(23)]
  expect((await learn({ causes })).hour).toMatchObject({ value: thursday + 23 })
  const berlin = await learn({ causes, traits: { timezone: 'Europe/Berlin' } })
  expect(berlin.hour).toMatchObject({ value: 4 * 24 })
  const nowhere = await learn({ causes, traits: { timezone: 'Mars/Olympus' } })
  expect(nowhere.hour).toMatchObject({ value: thursday + 23 })
})

test('goes by what everybody does where little is known of one', async () => {
  const prior = emptyWeek().map((_, at) => (at === 50 ? 1000 : 0))
  const few = await learn({ causes: [opened(18)], state: { plugin: { prior } } })
  expect(few.hour).toMatchObject({ value: 50, confidence: 0.1 })
  const hours = emptyWeek().map((_, at) => (at === thursday + 18 ? 60 : 0))
  const many = await learn({
    causes: [opened(18)],
    state: { profile: { hours }, plugin: { prior } },
  })
  expect(many.hour).toMatchObject({ value: thursday + 18 })
})

test('shares what it saw with everybody in tens, and writes what all share no oftener', async () => {
  const nine = await learn({ causes: Array.from({ length: 9 }, (_, at) => opened(at)) })
  expect(nine.state).not.toHaveProperty('plugin')
  const ten = await learn({
    causes: [opened(9)],
    state: { profile: { unshared: Array(9).fill(80) } },
  })
  expect(ten.state).toMatchObject({
    profile: { unshared: [] },
    plugin: { prior: expect.arrayContaining([9]) },
  })
})

const weeks = fc.array(fc.nat({ max: hoursOfWeek - 1 }), { maxLength: 400 })

test('remembers at most some hundred visits, and names an hour within its interval', () => {
  fc.assert(
    fc.property(weeks, weeks, (own, everybody) => {
      const counts = own.reduce(withVisit, emptyWeek())
      expect(counts.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(201)
      const { hour, low, high } = bestHour(counts, everybody.reduce(withVisit, emptyWeek()), {
        strength: 20,
        level: 0.5,
      })
      expect(low).toBeGreaterThanOrEqual(0)
      expect(low).toBeLessThanOrEqual(hour)
      expect(high).toBeGreaterThanOrEqual(hour)
      expect(high).toBeLessThan(hoursOfWeek)
    }),
  )
})
