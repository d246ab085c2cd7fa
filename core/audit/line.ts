import { createPublicKey } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { z } from 'zod'
import { fail } from '../errors.ts'
import { receiptSchema } from '../subject/receipt.ts'
import type { Entry } from './chain.ts'
import { checkpointSchema, keyIdOf, publicKeyBytes } from './checkpoint.ts'

/**
 * An exported log is one JSON object a line: first the public key of its signatures, then the entries in
 * order, and after the last entry that it covers each checkpoint.
 */
export type Line = z.output<typeof lineSchema>

const entrySchema = z.strictObject({
  seq: z.int().positive(),
  id: z.string(),
  at: z.iso.datetime().transform((text) => new Date(text)),
  actor: z.string(),
  action: z.string(),
  object: z.string(),
  payload: z.string(),
  payloadHash: z.string(),
  previousHash: z.string(),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
})

/** One entry that can be shown without the others: the hashes that lead from it to a signed root. */
const proofSchema = z.strictObject({
  entry: entrySchema,
  /** In hex, nearest first. */
  path: z.array(z.string().regex(/^[0-9a-f]{64}$/)).max(64),
  checkpoint: checkpointSchema,
})
export type Proof = z.output<typeof proofSchema>

const lineSchema = z.union([
  z.strictObject({ publicKey: z.base64(), keyId: z.string() }),
  z.strictObject({ checkpoint: checkpointSchema }),
  z.strictObject({ proof: proofSchema }),
  z.strictObject({ receipt: receiptSchema }),
  z.strictObject({ entry: entrySchema }),
])

/** @throws bad_input with the number of the line; what stands there is not repeated */
export function parseLine(text: string, number: number): Line {
  const parsed = lineSchema.safeParse(jsonOf(text))
  if (parsed.success) return parsed.data
  throw fail('bad_input', { path: `line ${number}`, reason: 'it is no line of an audit export' })
}

export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export const entryLine = (entry: Entry): string => JSON.stringify({ entry })

/** @param key private or public */
export const keyLine = (key: KeyObject): string =>
  JSON.stringify({ publicKey: publicKeyText(key), keyId: keyIdOf(key) })

/** SPKI in base64, the form in which a key is noted down. */
export const publicKeyText = (key: KeyObject): string => publicKeyBytes(key).toString('base64')

/** @throws bad_input */
export function readPublicKey(text: string): KeyObject {
  try {
    const key = createPublicKey({
      key: Buffer.from(text.trim(), 'base64'),
      format: 'der',
      type: 'spki',
    })
    if (key.asymmetricKeyType === 'ed25519') return key
  } catch {
    // Told below: the cause would only name a layer of OpenSSL.
  }
  throw fail('bad_input', { path: 'the key', reason: 'it is no Ed25519 public key (SPKI, base64)' })
}
