import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decrypt, encrypt, open, openVault, seal, type Place } from '../../core/vault.ts'

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

// Test cases 13 to 16 of McGrew and Viega, "The Galois/Counter Mode of Operation", appendix B: those for AES-256.
const longKey = 'feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308'
const longText =
  'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39'
const longCipher =
  '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662'
const printed = [
  {
    name: '13, of no text',
    key: '00'.repeat(32),
    nonce: '00'.repeat(12),
    associated: '',
    text: '',
    cipher: '',
    tag: '530f8afbc74536b9a963b4f1c4cb738b',
  },
  {
    name: '14, of one block',
    key: '00'.repeat(32),
    nonce: '00'.repeat(12),
    associated: '',
    text: '00'.repeat(16),
    cipher: 'cea7403d4d606b6e074ec5d3baf39d18',
    tag: 'd0d1c8a799996bf0265b98b5d48ab919',
  },
  {
    name: '15, of four blocks',
    key: longKey,
    nonce: 'cafebabefacedbaddecaf888',
    associated: '',
    text: `${longText}1aafd255`,
    cipher: `${longCipher}898015ad`,
    tag: 'b094dac5d93471bdec1a502270e3cc6c',
  },
  {
    name: '16, with associated data',
    key: longKey,
    nonce: 'cafebabefacedbaddecaf888',
    associated: 'feedfacedeadbeeffeedfacedeadbeefabaddad2',
    text: longText,
    cipher: longCipher,
    tag: '76fc6ece0f4e1768cddf8853bb2d551b',
  },
]

describe('the cipher gives what the specification of GCM prints', () => {
  test.each(printed)('for test case $name', ({ key, nonce, associated, text, cipher, tag }) => {
    const hex = (digits: string): Buffer => Buffer.from(digits, 'hex')
    const sealed = encrypt(hex(key), hex(nonce), hex(associated), hex(text))
    expect(sealed.toString('hex')).toBe(`01${nonce}${tag}${cipher}`)
    expect(decrypt(hex(key), hex(associated), sealed).toString('hex')).toBe(text)
    expect(() => decrypt(hex(key), hex(`${associated}00`), sealed)).toThrow('authenticate')
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
