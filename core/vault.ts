import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createPrivateKey,
  hkdfSync,
  randomBytes,
} from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { fail } from './errors.ts'

// AES-256-GCM with a random 96-bit nonce (NIST SP 800-38D §8.2.2): sealed = version | nonce | tag | text.
const sealedVersion = 1
const nonceBytes = 12
const tagBytes = 16
const headBytes = 1 + nonceBytes + tagBytes

/** Where a sealed value belongs; it opens nowhere else, since the place is authenticated with it. */
export interface Place {
  workspaceId: number
  profileId: string
  /** The trait key, `identifier/<namespace>/<hash>`, `event/<id>`, or `key` for the profile's own key. */
  field: string
}

/** The crypto of the vault. Holds key material: pass it on, never log it. */
export interface Vault {
  /**
   * The blind index of a value: the first 128 bits of HMAC-SHA-256 under a key of its own per workspace and
   * field, as uuid text. Equal values meet, and without the master key nobody can guess which.
   */
  blind(workspaceId: number, field: string, value: string): string
  /** A fresh data key for one profile, and the form in which it may be stored. */
  createKey(workspaceId: number, profileId: string): { key: Buffer; wrapped: Buffer }
  unwrap(workspaceId: number, profileId: string, wrapped: Uint8Array): Buffer
  /** The Ed25519 key that this installation signs with for one use; every node has the same. */
  signingKey(use: string): KeyObject
  /** 32 bytes that this installation shares with somebody outside, for one use. */
  sharedKey(use: string): Buffer
}

/** @param masterKey 32 bytes; everything else is derived from it by HKDF-SHA-256. */
export function openVault(masterKey: Buffer): Vault {
  if (masterKey.length !== 32) {
    throw fail('config_invalid', {
      variable: 'SLATEBOARD_MASTER_KEY',
      value: `${masterKey.length} bytes`,
      remedy: 'Give 32 random bytes in base64, for example from: openssl rand -base64 32',
    })
  }
  const derive = (info: string): Buffer =>
    Buffer.from(hkdfSync('sha256', masterKey, 'slateboard', info, 32))
  const wrapping = derive('wrap')
  const indexKeys = new Map<string, Buffer>()
  const indexKey = (info: string): Buffer => {
    const known = indexKeys.get(info)
    if (known) return known
    const made = derive(`blind/${info}`)
    indexKeys.set(info, made)
    return made
  }
  const keyPlace = (workspaceId: number, profileId: string): Place => ({
    workspaceId,
    profileId,
    field: 'key',
  })
  return {
    blind: (workspaceId, field, value) =>
      asUuid(
        createHmac('sha256', indexKey(`${workspaceId}/${field}`))
          .update(value, 'utf8')
          .digest('hex'),
      ),
    createKey(workspaceId, profileId) {
      const key = randomBytes(32)
      return { key, wrapped: seal(wrapping, keyPlace(workspaceId, profileId), key) }
    },
    unwrap: (workspaceId, profileId, wrapped) =>
      open(wrapping, keyPlace(workspaceId, profileId), wrapped),
    signingKey: (use) => asSigningKey(derive(`sign/${use}`)),
    sharedKey: (use) => derive(`share/${use}`),
  }
}

// RFC 8410 §7: what stands before the 32 bytes of an Ed25519 private key in PKCS #8.
const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex')

const asSigningKey = (seed: Buffer): KeyObject =>
  createPrivateKey({ key: Buffer.concat([pkcs8, seed]), format: 'der', type: 'pkcs8' })

const asUuid = (hex: string): string =>
  `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`

const associated = (place: Place): Buffer =>
  Buffer.from(`${place.workspaceId}|${place.profileId}|${place.field}|${sealedVersion}`, 'utf8')

export const seal = (key: Buffer, place: Place, plain: Uint8Array | string): Buffer =>
  encrypt(key, randomBytes(nonceBytes), associated(place), plain)

/** Throws `vault_unreadable` when the key, the place or a single bit is not the one it was sealed with. */
export function open(key: Buffer, place: Place, sealed: Uint8Array): Buffer {
  if (sealed.length < headBytes || sealed[0] !== sealedVersion) {
    throw fail('vault_unreadable', { field: place.field })
  }
  try {
    return decrypt(key, associated(place), sealed)
  } catch (cause) {
    throw fail('vault_unreadable', { field: place.field }, cause)
  }
}

/** @param nonce 12 bytes that this key never met before */
export function encrypt(
  key: Uint8Array,
  nonce: Uint8Array,
  associatedData: Uint8Array,
  plain: Uint8Array | string,
): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  cipher.setAAD(associatedData)
  const text = Buffer.concat([
    typeof plain === 'string' ? cipher.update(plain, 'utf8') : cipher.update(plain),
    cipher.final(),
  ])
  return Buffer.concat([Buffer.of(sealedVersion), nonce, cipher.getAuthTag(), text])
}

export function decrypt(key: Uint8Array, associatedData: Uint8Array, sealed: Uint8Array): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(1, 1 + nonceBytes))
  decipher.setAAD(associatedData)
  decipher.setAuthTag(sealed.subarray(1 + nonceBytes, headBytes))
  return Buffer.concat([decipher.update(sealed.subarray(headBytes)), decipher.final()])
}
