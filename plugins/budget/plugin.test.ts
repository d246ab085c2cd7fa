import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { JsonObject } from 'slateboard/plugin'
import { openTrial, type Trial } from 'slateboard/trial'
import { allocate, type Account } from './allocate.ts'

let trial: Trial
beforeAll(async () => {
  trial = await openTrial(import.meta.dirname)
})
afterAll(() => trial[Symbol.asyncDispose]())

const limits = { stepMax: 0.1, shareMin: 0.02 }
const names = ['ads', 'email', 'push', 'search', 'social']
const money = fc.nat({ max: 10_000_000 })
const markets = fc
  .array(fc.record({ spent: money, earned: money, stood: money }), { minLength: 1, maxLength: 5 })
  .map((all) => ({
    accounts: new Map<string, Account>(all.map((each, at) => [names[at] ?? '', each])),
    before: new Map(all.map(({ stood }, at) => [names[at] ?? '', stood])),
  }))
const caps = fc.nat({ max: 100_000_000 })
const sumOf = (numbers: Iterable<number>): number =>
  [...numbers].reduce((sum, each) => sum + each, 0)

test('gives out the cap to the cent, and nobody less than nothing', () => {
  fc.assert(
    fc.property(caps, markets, (cap, { accounts, before }) => {
      const next = allocate(cap, accounts, before, limits)
      expect(sumOf(next.values())).toBe(cap)
      for (const cents of next.values()) {
        expect(cents).toBeGreaterThanOrEqual(0)
        expect(Number.isInteger(cents)).toBe(true)
      }
    }),
  )
})

test('moves no channel further than a step, give or take a cent', () => {
  fc.assert(
    fc.property(caps, markets, (cap, { accounts, before }) => {
      const all = sumOf(before.values())
      for (const [channel, cents] of allocate(cap, accounts, before, limits)) {
        const stood = all > 0 ? ((before.get(channel) ?? 0) / all) * cap : cap / accounts.size
        expect(Math.abs(cents - stood)).toBeLessThanOrEqual(limits.stepMax * cap + 1)
      }
    }),
  )
})

test('gives a channel that earned more no less for it, to the cent', () => {
  fc.assert(
    fc.property(caps, markets, money, (cap, { accounts, before }, more) => {
      const { spent, earned } = accounts.get('ads') ?? { spent: 0, earned: 0 }
      const richer = new Map([...accounts, ['ads', { spent, earned: earned + more }]])
      const first = allocate(cap, accounts, before, limits).get('ads') ?? 0
      const second = allocate(cap, richer, before, limits).get('ads') ?? 0
      expect(second).toBeGreaterThanOrEqual(first - 1)
    }),
  )
})

test('comes to rest where the next cent earns the same everywhere', () => {
  // Spent the same, email earned twice as much: a² is 4 to 1.
  const accounts = new Map([
    ['ads', { spent: 1000, earned: 1000 }],
    ['email', { spent: 1000, earned: 2000 }],
  ])
  let standing = new Map([
    ['ads', 500],
    ['email', 500],
  ])
  for (let round = 0; round < 10; round += 1)
    standing = allocate(1000, accounts, standing, { stepMax: 0.1, shareMin: 0 })
  expect(Object.fromEntries(standing)).toEqual({ ads: 200, email: 800 })
})

test('leaves the allocation where nothing was earned', () => {
  const accounts = new Map([
    ['ads', { spent: 9, earned: 0 }],
    ['email', { spent: 1, earned: 0 }],
  ])
  const before = new Map([
    ['ads', 300],
    ['email', 700],
  ])
  expect(
    Object.fromEntries(allocate(1000, accounts, before, { stepMax: 0.5, shareMin: 0 })),
  ).toEqual({
    ads: 300,
    email: 700,
  })
})

const attribution = (totals: JsonObject) => ({ attribution: { totals } })

test('adds to a channel what it was credited with since', async () => {
  const outcome = await trial.react('credit', {
    traits: attribution({
      ads: { conversions: 2, value: 50 },
      email: { conversions: 1, value: 5 },
    }),
    state: { profile: { credited: { ads: 20 } }, plugin: { credits: { ads: 100 } } },
  })
  expect(outcome).toMatchObject({
    state: {
      profile: { credited: { ads: 50, email: 5 } },
      plugin: { credits: { ads: 130, email: 5 } },
    },
  })
})

test('writes nothing that all share for who came by themselves', async () => {
  const traits = attribution({ direct: { conversions: 1, value: 20 } })
  const outcome = await trial.react('credit', { traits })
  expect(outcome).toMatchObject({ state: { profile: { credited: { direct: 20 } } } })
  expect(outcome).not.toHaveProperty('state.plugin')
})

test('adds up what was spent, and takes no negative amounts', async () => {
  const report = (channel: string, cents: number) => ({
    kind: 'event' as const,
    id: channel,
    type: 'track' as const,
    name: 'Ad Spend Reported',
    timestamp: '2026-01-01T00:00:00.000Z',
    properties: { channel, cents },
  })
  const causes = [report('ads', 500), report('search', 40), report('ads', -900)]
  expect(await trial.react('spend', { causes, traits: { ad_spend: { ads: 100 } } })).toMatchObject({
    writes: { ad_spend: { value: { ads: 600, search: 40 } } },
  })
})

const now = '2026-01-03T00:00:00.000Z'
const spend = (writtenAt: string) => ({
  value: { ads: 500, search: 500 },
  confidence: 1,
  author: { kind: 'agent' as const, id: 'budget/spend' },
  revision: 1,
  writtenAt,
})

test('allocates on fresh spend, and waits while it is stale or nobody set a cap', async () => {
  const ask = (traits: Record<string, number | ReturnType<typeof spend>>) =>
    trial.react('allocate', {
      now,
      traits,
      state: { plugin: { credits: { ads: 10, search: 30, direct: 1000 } } },
    })
  expect(await ask({ budget_cap: 10_001, ad_spend: spend(now) })).toMatchObject({
    writes: {
      budget_allocation: { value: { cap: 10_001, channels: { ads: 4000, search: 6001 } } },
    },
  })
  const old = spend('2025-12-31T00:00:00.000Z')
  expect(await ask({ budget_cap: 10_001, ad_spend: old })).toMatchObject({ kind: 'cancel' })
  expect(await ask({ ad_spend: spend(now) })).toMatchObject({ kind: 'cancel' })
})
