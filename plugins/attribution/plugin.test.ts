import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Cause } from 'slateboard/plugin'
import { openTrial, type Trial, type TrialInput } from 'slateboard/trial'
import { creditsOf, type Model, type Touch } from './credit.ts'
import { counted, converted, lost, removalEffects, type Transitions } from './markov.ts'

let trial: Trial
beforeAll(async () => {
  trial = await openTrial(import.meta.dirname)
})
afterAll(() => trial[Symbol.asyncDispose]())

const models: Model[] = ['first', 'last', 'linear', 'time_decay', 'markov']
type End = typeof converted | typeof lost
const dayMs = 86_400_000
const sumOf = (numbers: Record<string, number>): number =>
  Object.values(numbers).reduce((sum, number) => sum + number, 0)
const touches = (...channels: string[]): Touch[] =>
  channels.map((channel, at) => ({ channel, at: at * dayMs }))
const chainOf = (...paths: [string[], End][]): Transitions =>
  paths.reduce<Transitions>((chain, [path, end]) => counted(chain, path, end), {})

const channels = fc.constantFrom('ads', 'email', 'push', 'social')
const paths = fc.array(fc.record({ channel: channels, at: fc.nat({ max: 90 * dayMs }) }), {
  maxLength: 30,
})
const chains = fc
  .array(fc.tuple(fc.array(channels, { minLength: 1, maxLength: 6 }), fc.boolean()), {
    maxLength: 30,
  })
  .map((all) =>
    chainOf(...all.map(([path, won]): [string[], End] => [path, won ? converted : lost])),
  )
const halfLives = fc.integer({ min: 1, max: 90 }).map((days) => days * dayMs)

test('credits are never negative and are 1 in all, whatever the model, the path and the chain', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...models),
      paths,
      chains,
      halfLives,
      (model, path, transitions, halfLifeMs) => {
        const credits = creditsOf(model, path, { transitions, halfLifeMs })
        for (const credit of Object.values(credits)) expect(credit).toBeGreaterThanOrEqual(0)
        expect(sumOf(credits)).toBeCloseTo(1, 9)
      },
    ),
  )
})

test('removal effects are from 0 to 1', () => {
  fc.assert(
    fc.property(chains, (transitions) => {
      for (const effect of removalEffects(transitions).values()) {
        expect(effect).toBeGreaterThanOrEqual(0)
        expect(effect).toBeLessThanOrEqual(1)
      }
    }),
  )
})

test('channels that stand in the same places get the same credit', () => {
  const path = touches('ads', 'email').map(({ channel }) => ({ channel, at: 0 }))
  const transitions = chainOf(
    [['ads'], converted],
    [['email'], converted],
    [['ads'], lost],
    [['email'], lost],
  )
  for (const model of ['linear', 'time_decay', 'markov'] as const) {
    const credits = creditsOf(model, path, { transitions, halfLifeMs: dayMs })
    expect(credits['ads'], model).toBeCloseTo(credits['email'] ?? 0, 9)
  }
})

// The worked example of S. Puzyrov, "Markov Chain Attribution: simple explanation of removal effect" (2019),
// serhiipuzyrov.com: five journeys, of which four convert.
test('agrees with the worked example of the removal effect', () => {
  const transitions = chainOf(
    [['google'], converted],
    [['google'], converted],
    [['mailing'], converted],
    [['google', 'mailing'], converted],
    [['google'], lost],
  )
  const effects = removalEffects(transitions)
  expect(effects.get('google')).toBeCloseTo(0.75, 9)
  expect(effects.get('mailing')).toBeCloseTo(0.5, 9)
  const credits = creditsOf('markov', touches('google', 'mailing'), { transitions, halfLifeMs: 1 })
  expect(credits['google']).toBeCloseTo(0.6, 9)
  expect(credits['mailing']).toBeCloseTo(0.4, 9)
})

test('a touch of one half-life before the last counts for half of it', () => {
  const credits = creditsOf('time_decay', touches('ads', 'email'), {
    transitions: {},
    halfLifeMs: dayMs,
  })
  expect(credits['ads']).toBeCloseTo(1 / 3, 9)
})

const happened = (name: string, day: number, properties = {}): Cause => ({
  kind: 'event',
  id: `${name} ${day}`,
  type: 'track',
  name,
  timestamp: new Date(Date.UTC(2026, 0, day)).toISOString(),
  properties,
})

async function credit(input: TrialInput) {
  const outcome = await trial.react('credit', input)
  if (outcome.kind !== 'done') throw new TypeError(`it answered ${outcome.kind}`)
  return { attribution: outcome.writes['attribution']?.value, state: outcome.state }
}

test.each([
  ['first', { ads: 1 }],
  ['last', { email: 1 }],
  ['linear', { ads: 0.5, email: 0.5 }],
])('shares an order out by the model %s', async (model, credits) => {
  const causes = [
    happened('Ad Clicked', 1),
    happened('Email Link Clicked', 2),
    happened('Order Completed', 3, { total: 40 }),
  ]
  const { attribution, state } = await credit({ causes, config: { model } })
  const expected = Object.fromEntries(Object.entries({ ads: 0, email: 0, ...credits }))
  expect(attribution).toMatchObject({ model, value: 40, credits: expected })
  expect(state).toEqual({
    profile: { path: [] },
    plugin: { transitions: { '(start)>ads': 1, 'ads>email': 1, 'email>(converted)': 1 } },
  })
})

test('keeps a touch for the profile alone, so that nobody waits for anybody', async () => {
  const { attribution, state } = await credit({
    causes: [happened('Ad Clicked', 1, { channel: 'search' })],
  })
  expect(attribution).toBeUndefined()
  expect(state).toEqual({ profile: { path: [['search', Date.UTC(2026, 0, 1)]] } })
})

test('adds to what was credited before', async () => {
  const first = await credit({ causes: [happened('Order Completed', 1, { total: 10 })] })
  const second = await credit({
    traits: { attribution: first.attribution ?? null },
    causes: [happened('Order Completed', 2, { total: 5 })],
  })
  expect(second.attribution).toMatchObject({
    credits: { direct: 1 },
    totals: { direct: { conversions: 2, value: 15 } },
  })
})

test('counts a path that went cold as lost, and gives it no credit', async () => {
  const path = [['ads', Date.UTC(2025, 0, 1)]]
  const { state } = await credit({
    state: { profile: { path } },
    causes: [happened('Email Link Clicked', 1)],
  })
  expect(state).toEqual({
    profile: { path: [['email', Date.UTC(2026, 0, 1)]] },
    plugin: { transitions: { '(start)>ads': 1, 'ads>(lost)': 1 } },
  })
  const late = await credit({
    state: { profile: { path } },
    causes: [happened('Order Completed', 1)],
  })
  expect(late.attribution).toMatchObject({ credits: { direct: 1 } })
})

test('puts channels beyond twenty together', async () => {
  const transitions = Object.fromEntries(
    Array.from({ length: 20 }, (_, at) => [`(start)>channel${at}`, 1]),
  )
  const { state } = await credit({
    state: { plugin: { transitions } },
    causes: [happened('Ad Clicked', 1, { channel: 'one-more' })],
  })
  expect(state).toMatchObject({ profile: { path: [['other', expect.any(Number)]] } })
})
