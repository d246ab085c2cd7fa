import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ulid } from 'ulid'
import { isInCanary } from '../../../core/model/canary.ts'

const profileIds = fc.string({ minLength: 1, maxLength: 40 })
const digests = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => bytes.toHex())
const shares = fc.integer({ min: 1, max: 99 })

test('a profile is among a share or is not, and stays among it when it grows', () => {
  fc.assert(
    fc.property(profileIds, digests, shares, shares, (id, digest, one, other) => {
      const [less, more] = [Math.min(one, other), Math.max(one, other)]
      expect(isInCanary(id, digest, less)).toBe(isInCanary(id, digest, less))
      expect(!isInCanary(id, digest, less) || isInCanary(id, digest, more)).toBe(true)
      expect(isInCanary(id, digest, 0)).toBe(false)
      expect(isInCanary(id, digest, 100)).toBe(true)
    }),
  )
})

test('a share of n percent is about n percent, of ids that follow each other as well', () => {
  const at = Date.UTC(2026, 0, 1)
  const ids = Array.from({ length: 5000 }, (_, n) => ulid(at + n))
  const rows = Array.from({ length: 5000 }, (_, n) => `01J${String(n).padStart(23, '0')}`)
  for (const share of [1, 10, 50, 99]) {
    for (const some of [ids, rows]) {
      const part = some.filter((id) => isInCanary(id, 'a1'.repeat(32), share)).length
      expect(Math.abs(part / 50 - share)).toBeLessThan(2.5)
    }
  }
})

test('another version is tried on other profiles', () => {
  const ids = Array.from({ length: 10_000 }, (_, n) => `profile-${n}`)
  const both = ids.filter(
    (id) => isInCanary(id, 'a'.repeat(64), 10) && isInCanary(id, 'b'.repeat(64), 10),
  )
  expect(both.length).toBeGreaterThan(50)
  expect(both.length).toBeLessThan(150)
})
