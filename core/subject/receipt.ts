import { hash, sign, verify } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { z } from 'zod'
import { canonical } from '../audit/chain.ts'
import { keyIdOf } from '../audit/checkpoint.ts'
import { erasureGrounds, keepReasons } from '../model/subjectRequest.ts'

const hex256 = z.string().regex(/^[0-9a-f]{64}$/)

/** Why data must go: the grounds of Art. 17(1), or a backup that brought it back. */
export const erasureReasons = [...erasureGrounds, 'restored_from_backup'] as const
export type ErasureReason = (typeof erasureReasons)[number]

/**
 * A signed statement that a person was erased: what was taken away and blanked, table by table. It names nobody:
 * of the person it holds the id of an empty profile and a digest of their identifiers' blind indexes, salted with
 * its own id, by which the operator alone can show whom it is about.
 */
export const receiptSchema = z.strictObject({
  id: z.string().max(40),
  workspace: z.int().positive(),
  subject: z.strictObject({
    profile: z.string().max(40),
    /** How many profiles counted as the person. */
    profiles: z.int().positive(),
    digest: hex256,
  }),
  requestId: z.string().max(100).nullable(),
  reason: z.enum(erasureReasons),
  at: z.iso.datetime(),
  /** Rows taken away. */
  deleted: z.record(z.string(), z.int().nonnegative()),
  /** Rows kept as evidence, without what told of the person. */
  blanked: z.record(z.string(), z.int().nonnegative()),
  /** What was kept although the person asked, how many values, and why (Art. 17(3)); absent where nothing was. */
  kept: z
    .array(
      z.strictObject({
        part: z.string().max(140),
        values: z.int().positive(),
        reason: z.enum(keepReasons),
      }),
    )
    .exactOptional(),
  /** Identifiers by which nobody is taken for this person again. */
  tombstones: z.int().nonnegative(),
  /** Recipients that have to be told (Art. 19). */
  followUps: z.int().nonnegative(),
  /** The key under which everything personal was sealed is gone. */
  keyDestroyed: z.literal(true),
  /** The last entry of the audit log when this was written; the erasure's own entry comes after it. */
  auditHead: z.strictObject({ seq: z.int().nonnegative(), hash: hex256 }).nullable(),
  keyId: z.string().regex(/^[0-9a-f]{16}$/),
  /** Ed25519 over `signed`, in base64. */
  signature: z.string().max(100),
})
export type Receipt = z.infer<typeof receiptSchema>

/** Named, so that a signature given for anything else never passes for one of these. */
function signed(receipt: Receipt): Buffer {
  const { signature: _, ...content } = receipt
  return Buffer.from(`slateboard erasure receipt\n${canonical(content)}`, 'utf8')
}

/** @param key Ed25519 private key, the one that checkpoints are signed with */
export function signReceipt(
  content: Omit<Receipt, 'keyId' | 'signature'>,
  key: KeyObject,
): Receipt {
  const unsigned: Receipt = { ...content, keyId: keyIdOf(key), signature: '' }
  return { ...unsigned, signature: sign(null, signed(unsigned), key).toString('base64') }
}

/** Whether the holder of the key said so. @param key the public key */
export const isReceiptSignedBy = (receipt: Receipt, key: KeyObject): boolean =>
  receipt.keyId === keyIdOf(key) &&
  verify(null, signed(receipt), key, Buffer.from(receipt.signature, 'base64'))

/** What the audit log names the receipt by. */
export const digestOfReceipt = (receipt: Receipt): string =>
  hash('sha256', canonical(receipt), 'hex')

/** @param buried blind indexes, in any order */
export const digestOfSubject = (
  receiptId: string,
  buried: readonly { namespace: string; hash: string }[],
): string =>
  hash(
    'sha256',
    [
      receiptId,
      ...buried.map(({ namespace, hash: blind }) => `${namespace} ${blind}`).toSorted(),
    ].join('\n'),
    'hex',
  )
