import { createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import { expect, test } from 'vitest'
import { canonical } from '../../../core/audit/chain.ts'
import {
  digestOfReceipt,
  digestOfSubject,
  isReceiptSignedBy,
  receiptSchema,
  signReceipt,
  type Receipt,
} from '../../../core/subject/receipt.ts'

const { privateKey } = generateKeyPairSync('ed25519')
const publicKey = createPublicKey(privateKey)
const zeros = '0'.repeat(64)

const made = (): Receipt =>
  signReceipt(
    {
      id: 'receipt-1',
      workspace: 1,
      subject: { profile: 'p', profiles: 2, digest: zeros },
      requestId: null,
      reason: 'consent_withdrawn',
      at: '2026-01-01T00:00:00.000Z',
      deleted: { event: 3 },
      blanked: { activation: 1 },
      tombstones: 2,
      followUps: 0,
      keyDestroyed: true,
      auditHead: { seq: 7, hash: zeros },
    },
    privateKey,
  )

test('a receipt is what its key signed, also after a way through JSON', () => {
  const receipt = receiptSchema.parse(JSON.parse(canonical(made())))
  expect(isReceiptSignedBy(receipt, publicKey)).toBe(true)
  expect(digestOfReceipt(receipt)).toBe(digestOfReceipt(made()))
})

test.each<Partial<Receipt>>([
  { deleted: { event: 2 } },
  { requestId: 'another' },
  { tombstones: 3 },
  { auditHead: null },
  { at: '2026-01-02T00:00:00.000Z' },
])('a receipt with %j changed is not (refused)', (changes) => {
  const receipt = { ...made(), ...changes }
  expect(isReceiptSignedBy(receipt, publicKey)).toBe(false)
  expect(digestOfReceipt(receipt)).not.toBe(digestOfReceipt(made()))
})

test('a receipt signed by somebody else, or a signature given for something else, is not (refused)', () => {
  const other = generateKeyPairSync('ed25519')
  expect(isReceiptSignedBy(made(), other.publicKey)).toBe(false)
  const { signature: _, ...content } = made()
  const elsewhere = sign(
    null,
    Buffer.from(`slateboard audit checkpoint\n${canonical(content)}`),
    privateKey,
  )
  const passed = { ...made(), signature: elsewhere.toString('base64') }
  expect(isReceiptSignedBy(passed, publicKey)).toBe(false)
})

test('the digest of a subject goes by who it is, and differs from receipt to receipt', () => {
  const one = { namespace: 'email', hash: 'a' }
  const two = { namespace: 'user_id', hash: 'b' }
  expect(digestOfSubject('r', [one, two])).toBe(digestOfSubject('r', [two, one]))
  expect(digestOfSubject('r', [one])).not.toBe(digestOfSubject('r', [one, two]))
  expect(digestOfSubject('r', [one])).not.toBe(digestOfSubject('s', [one]))
})
