import { hash } from 'node:crypto'
import { replaceReceiptKeys } from '../../blackboard/query/replaceReceiptKeys.ts'
import { transact } from '../../blackboard/transact.ts'
import { readPublicKey } from '../consent/signature.ts'
import { fail } from '../errors.ts'
import { receiptKeysInputSchema, type ReceiptKey } from '../model/consentMapping.ts'
import { demand, type Reader } from '../read/reader.ts'
import { audit } from './audit.ts'
import { parseInput } from './parseInput.ts'

/**
 * Sets the keys that OneTrust receipts from a source, or from every source without keys of its own, are signed with.
 * From then on a receipt that none of them signed is refused; with no key at all its signed part is not looked at.
 *
 * @throws forbidden, bad_input for a key that is neither RSA of 2048 bits or more nor P-256
 */
export async function setReceiptKeys(reader: Reader, given: unknown): Promise<ReceiptKey[]> {
  demand(reader, 'administer', 'Consent')
  const { sourceId = null, publicKeys } = parseInput(receiptKeysInputSchema, given)
  const { board, principal } = reader
  const { workspaceId } = principal
  const author = `principal:${principal.id}`
  const addedAt = board.clock.now()
  const keys = publicKeys.map((text, at) => {
    const key = readPublicKey(text)
    if (!key) {
      const reason = 'it is no public key as PEM or JWK, RSA of 2048 bits or more or P-256'
      throw fail('bad_input', { path: `input.publicKeys.${at}`, reason })
    }
    const keyId = hash('sha256', key.export({ type: 'spki', format: 'der' }), 'hex')
    const publicKey = key.export({ type: 'spki', format: 'pem' })
    return { sourceId, keyId, publicKey, author, addedAt }
  })
  await transact(board.db, async (tx) => {
    await replaceReceiptKeys(tx, {
      workspaceId,
      author,
      sourceId: sourceId ?? '',
      keys: JSON.stringify(keys),
      at: addedAt.toISOString(),
    })
    await audit(tx, board, {
      workspaceId,
      actor: author,
      action: 'receipt.keys',
      object: sourceId === null ? 'source:*' : `source:${sourceId}`,
      payload: { keys: keys.map(({ keyId }) => keyId) },
    })
  })
  board.signals.send('consent')
  board.signals.send('audit')
  return keys
}
