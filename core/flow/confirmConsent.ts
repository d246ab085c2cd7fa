import type { TransactionSql } from 'postgres'
import { findCanonical } from '../../blackboard/query/findCanonical.ts'
import { findPending } from '../../blackboard/query/findPending.ts'
import { listPurposes } from '../../blackboard/query/listPurposes.ts'
import { loadWords } from '../../blackboard/query/loadWords.ts'
import { takePending, type PendingRow } from '../../blackboard/query/takePending.ts'
import { transact } from '../../blackboard/transact.ts'
import { definitionFor, endOfGrant } from '../../policies/guard.ts'
import { hashKey } from '../admin/key.ts'
import type { Board } from '../board.ts'
import { fail } from '../errors.ts'
import { covers } from '../model/purpose.ts'
import { tell, type RecordedConsent } from './recordConsent.ts'
import { lockPerson } from './subject.ts'
import { writeWord, type Subject } from './writeWord.ts'

/**
 * Turns a grant that waits into one that counts, once. The token is all the authority there is: it was sent to
 * an address, and who sends it back reads what is sent there.
 *
 * @param workspaceId the only workspace whose tokens are taken; null for any
 * @throws confirmation_unknown for a token that was never given, was used, has run out, or was overtaken by a
 *   refusal of the same person
 */
export async function confirmConsent(
  board: Board,
  workspaceId: number | null,
  token: string,
): Promise<RecordedConsent> {
  const tokenHash = hashKey(token)
  const [found] = await findPending(board.db.sql, { tokenHash })
  if (!found || (workspaceId !== null && found.workspaceId !== workspaceId)) throw unknown()
  const consent = await transact(board.db, async (tx) => {
    const [person] = await findCanonical(tx, { ...found, id: found.profileId })
    if (!person) throw unknown()
    const { canonical } = person
    const { members, isErased } = await lockPerson(tx, found.workspaceId, canonical)
    if (isErased) throw unknown()
    const subject = { canonical, members }
    const at = board.clock.now().toISOString()
    const [pending] = await takePending(tx, { ...found, tokenHash, at })
    if (!pending || (await isRefusedSince(tx, found.workspaceId, subject, pending))) throw unknown()
    return grant(tx, board, { workspaceId: found.workspaceId, subject }, pending)
  })
  tell(board, found.workspaceId, consent)
  return consent
}

const unknown = () => fail('confirmation_unknown')

/** Who refused after they had asked has changed their mind, or it was not them who asked. */
async function isRefusedSince(
  tx: TransactionSql,
  workspaceId: number,
  { canonical }: Subject,
  { purpose, channel, requestedAt }: PendingRow,
): Promise<boolean> {
  const rows = await loadWords(tx, { workspaceId, ids: [canonical] })
  return rows
    .flatMap(({ words }) => words)
    .some(
      (word) =>
        word.decision !== 'granted' &&
        new Date(word.collectedAt) >= requestedAt &&
        covers(word.purpose, purpose) &&
        (word.channel === '*' || word.channel === channel),
    )
}

async function grant(
  tx: TransactionSql,
  board: Board,
  { workspaceId, subject }: { workspaceId: number; subject: Subject },
  { consentId, purpose, channel, proof, expiresAt, jurisdiction }: PendingRow,
): Promise<RecordedConsent> {
  const collectedAt = board.clock.now()
  const definition = definitionFor(purpose, await listPurposes(tx, { workspaceId }))
  const word = {
    id: board.clock.id(),
    profileId: subject.canonical,
    purpose,
    channel,
    decision: 'granted' as const,
    basis: 'consent' as const,
    proof: { ...proof, confirms: consentId, confirmedAt: collectedAt.toISOString() },
    collectedAt,
    expiresAt: endOfGrant(definition ?? {}, { collectedAt, expiresAt }),
    jurisdiction,
    isLatest: false,
  }
  const actor = `confirmation:${consentId}`
  return writeWord(tx, board, { workspaceId, actor, subject }, word)
}
