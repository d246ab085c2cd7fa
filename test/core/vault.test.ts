import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { open, openVault, seal, type Place } from '../../core/vault.ts'

const master = Buffer.alloc(32, 7)
const key = Buffer.alloc(32, 1)
const place: Place = { workspaceId: 1, profileId: '01A', field: 'trait/email' }

describe('a sealed value', () => {
  test('opens again where it was sealed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(open(key, place, seal(key, place, text)).toString('utf8')).toBe(text)
      }),
    )
  })

  test('does not open in another workspace, profile or field (refused)', () => {
    const sealed = seal(key, place, 'jane@example.com')
    for (const other of [{ workspaceId: 2 }, { profileId: '01B' }, { field: 'trait/phone' }]) {
      expect(() => open(key, { ...place, ...other }, sealed)).toThrow('does not open')
    }
  })

  test('does not open under another key (refused)', () => {
    expect(() => open(randomBytes(32), place, seal(key, place, 'x'))).toThrow('does not open')
  })

  test('does not open when a single bit is different (refused)', () => {
    const sealed = seal(key, place, 'jane')
    for (let bit = 0; bit < sealed.length * 8; bit += 1) {
      const changed = Buffer.from(sealed)
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(() => open(key, place, changed)).toThrow('does not open')
    }
  })

  test('does not open when it is cut short (refused)', () => {
    const sealed = seal(key, place, 'jane')
    for (let length = 0; length < sealed.length; length += 1) {
      expect(() => open(key, place, sealed.subarray(0, length))).toThrow('does not open')
    }
  })

  test('looks different each time, so that equal values are not seen to be equal', () => {
    expect(seal(key, place, 'jane').equals(seal(key, place, 'jane'))).toBe(false)
  })

  test('is AES-256-GCM as the standard has it: another implementation makes what opens here', async () => {
    const nonce = Buffer.alloc(12, 3)
    const additionalData = Buffer.from('1|01A|trait/email|1')
    const imported = await crypto.subtle.importKey('raw', key, 'AES-GCM', false, ['encrypt'])
    const made = Buffer.from(
      await crypto.subtle.encrypt(
        { name: 'AES-GCM', iv: nonce, additionalData },
        imported,
        Buffer.from('jane'),
      ),
    )
    const [text, tag] = [made.subarray(0, -16), made.subarray(-16)]
    const sealed = Buffer.concat([Buffer.of(1), nonce, tag, text])
    expect(open(key, place, sealed).toString()).toBe('jane')
  })
})

describe('a profile key', () => {
  test('unwraps to itself under the same master key and for the same profile only', () => {
    const vault = openVault(master)
    const made = vault.createKey(1, '01A')
    expect(openVault(Buffer.from(master)).unwrap(1, '01A', made.wrapped).equals(made.key)).toBe(
      true,
    )
    expect(made.wrapped.includes(made.key)).toBe(false)
    expect(() => vault.unwrap(1, '01B', made.wrapped)).toThrow('does not open')
    expect(() => openVault(randomBytes(32)).unwrap(1, '01A', made.wrapped)).toThrow('does not open')
  })
})

describe('a blind index', () => {
  const vault = openVault(master)
  const blind = vault.blind(1, 'identifier/email', 'jane@example.com')

  test('is equal for equal values, after a restart too', () => {
    expect(openVault(Buffer.from(master)).blind(1, 'identifier/email', 'jane@example.com')).toBe(
      blind,
    )
    expect(blind).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  })

  test('differs by value, workspace, field and master key', () => {
    const others = [
      vault.blind(1, 'identifier/email', 'june@example.com'),
      vault.blind(2, 'identifier/email', 'jane@example.com'),
      vault.blind(1, 'identifier/phone', 'jane@example.com'),
      openVault(randomBytes(32)).blind(1, 'identifier/email', 'jane@example.com'),
    ]
    expect(new Set([blind, ...others]).size).toBe(5)
  })
})

test('a master key of another length is refused', () => {
  expect(() => openVault(Buffer.alloc(16))).toThrow('SLATEBOARD_MASTER_KEY')
})
