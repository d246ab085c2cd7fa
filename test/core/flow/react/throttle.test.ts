import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Throttle, type Went } from '../../../../core/flow/react/throttle.ts'

const options = { windowMax: 200, batchItemsMax: 50, batchMsMax: 500 }
const fine = (items: number): Went => ({ items, failed: 0, ms: 20 })

function run(throttle: Throttle, went: (items: number) => Went, batches: number): number[] {
  return Array.from({ length: batches }, () => {
    const items = Math.min(50, throttle.room('a'))
    throttle.began('a', items)
    throttle.ended('a', went(items))
    return throttle.windowOf('a')
  })
}

test('who works well soon has all, beginning with one batch', () => {
  const throttle = new Throttle(options)
  expect(throttle.windowOf('a')).toBe(50)
  expect(run(throttle, fine, 3)).toEqual([100, 200, 200])
})

test.each([
  ['takes long', (items: number): Went => ({ items, failed: 0, ms: items * 40 })],
  ['fails', (items: number): Went => ({ items, failed: items, ms: 20 })],
])('who %s is handed half as much, down to what it can do', (_, went) => {
  const throttle = new Throttle(options)
  const windows = run(throttle, went, 8)
  expect(windows.slice(0, 2)).toEqual([25, 12])
  // 12 of 40 ms are through in time; one that fails is tried one at a time.
  expect(windows.at(-1)).toBeLessThanOrEqual(18)
  expect(windows.at(-1)).toBeGreaterThanOrEqual(1)
})

test('who is well again is handed more, a step at a time where it was too much before', () => {
  const throttle = new Throttle(options)
  run(throttle, (items) => ({ items, failed: items, ms: 20 }), 10)
  expect(throttle.windowOf('a')).toBe(1)
  const windows = run(throttle, fine, 60)
  expect(windows.slice(0, 3)).toEqual([6, 11, 16])
  expect(windows.at(-1)).toBe(200)
})

test('one failure among many is none of the agent, and each agent has a window of its own', () => {
  const throttle = new Throttle(options)
  run(throttle, (items) => ({ items, failed: Math.floor(items / 2), ms: 20 }), 3)
  expect(throttle.windowOf('a')).toBe(200)
  throttle.began('b', 50)
  expect([throttle.room('a'), throttle.room('b')]).toEqual([200, 0])
})

test('nobody ever has less than one or more than all, and what is under way is never forgotten', () => {
  const batch = fc.record({ share: fc.double({ min: 0, max: 1, noNaN: true }), ms: fc.nat(2000) })
  fc.assert(
    fc.property(fc.array(batch, { maxLength: 60 }), (batches) => {
      const throttle = new Throttle(options)
      for (const { share, ms } of batches) {
        const items = Math.min(50, throttle.room('a'))
        throttle.began('a', items)
        expect(throttle.room('a')).toBe(throttle.windowOf('a') - items)
        throttle.ended('a', { items, failed: Math.round(items * share), ms })
        expect(throttle.windowOf('a')).toBeGreaterThanOrEqual(1)
        expect(throttle.windowOf('a')).toBeLessThanOrEqual(200)
        expect(throttle.room('a')).toBe(throttle.windowOf('a'))
      }
    }),
  )
})
