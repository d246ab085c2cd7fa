import { createPublicKey, hash, sign, verify } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { z } from 'zod'
import { canonical } from './chain.ts'
import { rootOf } from './merkle.ts'
import type { Tree } from './merkle.ts'

const hex256 = z.string().regex(/^[0-9a-f]{64}$/)

/**
 * A signed statement of what the chain held at one time: who has noted one can tell whether anything up to it
 * was changed since, or cut off, without trusting who keeps the chain.
 */
export const checkpointSchema = z.strictObject({
  workspace: z.int().positive(),
  /** Entries that it covers. */
  size: z.int().positive(),
  /** Root of the Merkle tree (RFC 6962) whose leaves are the entries' hashes, as bytes. */
  root: hex256,
  /** Hash of the last entry covered. */
  head: hex256,
  at: z.iso.datetime(),
  keyId: z.string().regex(/^[0-9a-f]{16}$/),
  /** Ed25519 over `signed`, in base64. */
  signature: z.string().max(100),
})
export type Checkpoint = z.infer<typeof checkpointSchema>

/** SPKI, DER. @param key private or public */
export const publicKeyBytes = (key: KeyObject): Buffer =>
  (key.type === 'private' ? createPublicKey(key) : key).export({ type: 'spki', format: 'der' })

/** The first 64 bits of SHA-256 over the public key, in hex: enough to tell keys apart. */
export const keyIdOf = (key: KeyObject): string =>
  hash('sha256', publicKeyBytes(key), 'hex').slice(0, 16)

/** Named, so that a signature given for anything else never passes for one of these. */
function signed(checkpoint: Checkpoint): Buffer {
  const { signature: _, ...content } = checkpoint
  return Buffer.from(`slateboard audit checkpoint\n${canonical(content)}`, 'utf8')
}

/** @param key Ed25519 private key */
export function signCheckpoint(
  tree: Tree,
  about: { workspace: number; head: string; at: Date },
  key: KeyObject,
): Checkpoint {
  const unsigned: Checkpoint = {
    workspace: about.workspace,
    size: tree.size,
    root: rootOf(tree).toString('hex'),
    head: about.head,
    at: about.at.toISOString(),
    keyId: keyIdOf(key),
    signature: '',
  }
  return { ...unsigned, signature: sign(null, signed(unsigned), key).toString('base64') }
}

/** Whether the holder of the key said so. @param key the public key */
export const isSignedBy = (checkpoint: Checkpoint, key: KeyObject): boolean =>
  checkpoint.keyId === keyIdOf(key) &&
  verify(null, signed(checkpoint), key, Buffer.from(checkpoint.signature, 'base64'))
