import { expect, test } from 'vitest'
import { createShop, type Step } from '../../../api/demo/shop.ts'
import { stories, storyCycle, storyOf } from '../../../api/demo/story.ts'

const now = new Date('2026-11-21T12:00:00.000Z')
const dayMs = 86_400_000
const shop = (seed: number) => createShop({ seed, now, customers: storyCycle, passersBy: 20 })
const callsOf = (steps: readonly Step[]) => steps.flatMap(({ batches }) => batches.flat())

test('makes the same shop for the same seed, and other people for another', () => {
  expect(shop(26)).toEqual(shop(26))
  const ids = (seed: number) => new Set(callsOf(shop(seed)).map(({ messageId }) => messageId))
  expect(ids(26).intersection(ids(27)).size).toBe(0)
})

test('holds every story in one cycle of customers', () => {
  const told = Array.from({ length: storyCycle }, (_, number) => storyOf(number).name)
  expect(new Set(told)).toEqual(new Set(stories.map(({ name }) => name)))
})

test('tells of the last 90 days and of nothing later', () => {
  const times = callsOf(shop(26)).map(({ timestamp }) =>
    typeof timestamp === 'string' ? Date.parse(timestamp) : NaN,
  )
  expect(Math.min(...times)).toBeGreaterThan(now.getTime() - 90 * dayMs)
  expect(Math.max(...times)).toBeLessThanOrEqual(now.getTime())
})

test('never parts what one customer does in one step', () => {
  for (const { batches } of shop(26)) {
    const places = new Map<string, Set<number>>()
    // The last batch of the histories is the first one again, as a client's retry.
    const sent = new Set(batches.map((batch) => JSON.stringify(batch)))
    ;[...sent].forEach((text, at) => {
      for (const [user] of text.matchAll(/shop26-customer-\d+/g)) {
        places.set(user, (places.get(user) ?? new Set()).add(at))
      }
    })
    expect([...places].filter(([, at]) => at.size > 1)).toEqual([])
  }
})

test('gives no two customers the same email or phone', () => {
  for (const key of ['email', 'phone']) {
    const values = [...JSON.stringify(shop(26)).matchAll(new RegExp(`"${key}":"([^"]+)"`, 'g'))]
    expect(values.length).toBe(storyCycle)
    expect(new Set(values.map(([, value]) => value)).size).toBe(storyCycle)
  }
})
