import { expect, test } from 'vitest'
import { isFarBeyond, learnUsual, type Usual } from '../../../core/model/usual.ts'

const learned = (all: readonly number[]): Usual | undefined =>
  all.reduce<Usual | undefined>(learnUsual, undefined)

const about = (ms: number, times: number) =>
  Array.from({ length: times }, (_, at) => ms * (0.8 + (at % 5) / 10))

test('45 minutes are far beyond 10, and 25 are not', () => {
  const minute = 60_000
  const usual = learned(about(10 * minute, 50))
  expect(isFarBeyond(usual, 45 * minute)).toBe(true)
  expect(isFarBeyond(usual, 25 * minute)).toBe(false)
})

test('comes near the median from a first time that was none, and follows it elsewhere', () => {
  const usual = learned([5000, ...about(100, 100)])
  expect(usual?.ms).toBeGreaterThan(75)
  expect(usual?.ms).toBeLessThan(130)
  const moved = about(800, 100).reduce<Usual | undefined>(learnUsual, usual)
  expect(moved?.ms).toBeGreaterThan(600)
})

test('nothing is far beyond what nobody knows yet, nor what takes no time anyway', () => {
  expect(isFarBeyond(undefined, 1e6)).toBe(false)
  expect(isFarBeyond(learned(about(10, 19)), 1e6)).toBe(false)
  expect(isFarBeyond(learned(about(1, 50)), 19)).toBe(false)
  expect(isFarBeyond(learned(about(1, 50)), 21)).toBe(true)
})
