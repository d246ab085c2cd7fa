/**
 * Erasure of a person, in one transaction: everything about them goes, or is blanked where it is evidence, their
 * key is destroyed, their identifiers become tombstones, and a signed receipt counts it table by table. What a law
 * demands to be kept is taken out first, and put away where nothing that reads persons comes upon it (`retain.ts`).
 *
 * Every writer of a person locks the person's profiles first. So one that came before has committed, and its
 * rows go with the rest; one that comes after finds the profile marked, starts again and meets the tombstones.
 */
import type { TransactionSql } from 'postgres'
import { appendAudit } from '../../blackboard/query/appendAudit.ts'
import { bareLedger } from '../../blackboard/query/bareLedger.ts'
import { blankEvidence } from '../../blackboard/query/blankEvidence.ts'
import { buryIdentifiers } from '../../blackboard/query/buryIdentifiers.ts'
import { emptyProfiles } from '../../blackboard/query/emptyProfiles.ts'
import { eraseTraces } from '../../blackboard/query/eraseTraces.ts'
import { findCanonical } from '../../blackboard/query/findCanonical.ts'
import { findChainHead } from '../../blackboard/query/findChainHead.ts'
import { findReceipt } from '../../blackboard/query/findReceipt.ts'
import { insertReceipt } from '../../blackboard/query/insertReceipt.ts'
import { findLegalHold } from '../../blackboard/query/findLegalHold.ts'
import { markErased } from '../../blackboard/query/markErased.ts'
import { transact } from '../../blackboard/transact.ts'
import { canonical } from '../audit/chain.ts'
import type { Board } from '../board.ts'
import { fail } from '../errors.ts'
import type { Keep } from '../model/subjectRequest.ts'
import { auditUse } from '../flow/checkpoint.ts'
import { enqueueFollowUps } from '../flow/followUp/enqueue.ts'
import { lockPerson } from '../flow/subject.ts'
import {
  digestOfReceipt,
  digestOfSubject,
  receiptSchema,
  signReceipt,
  type ErasureReason,
  type Receipt,
} from './receipt.ts'
import { putAway, takeOut, takeOutAgain, type Taken } from './retain.ts'

export interface Erasure {
  /** Any profile of the person. */
  profileId: string
  /** The subject request that asks for it. */
  requestId: string | null
  reason: ErasureReason
  /** What is kept of it, and why; nothing unless said. */
  keep?: readonly Keep[]
  /** Who does it: `principal:<id>` or `system`. */
  actor: string
}

/**
 * Erases a person and everything that was merged with them. Once this returned, nothing about them is stored,
 * nothing begins to be sent, and no event, import or consent under their identifiers is taken. Who was erased
 * already is not erased twice: the receipt of then is returned.
 *
 * @throws not_found, legal_hold, kept_trait_unknown
 */
export async function eraseSubject(
  board: Board,
  workspaceId: number,
  erasure: Erasure,
): Promise<Receipt> {
  const done = await transact(board.db, (tx) => erase(tx, board, workspaceId, erasure))
  for (const _ of done.recalled) {
    board.signals.count({ what: 'activation', state: 'recalled', reason: 'erased' })
  }
  board.signals.send('erased')
  board.signals.send('followUp')
  board.signals.send('audit')
  board.signals.profileChanged(workspaceId, done.members)
  return done.receipt
}

interface Done {
  receipt: Receipt
  members: string[]
  recalled: string[]
}

async function erase(
  tx: TransactionSql,
  board: Board,
  workspaceId: number,
  erasure: Erasure,
): Promise<Done> {
  const [found] = await findCanonical(tx, { workspaceId, id: erasure.profileId })
  if (!found) throw fail('not_found', { what: `profile ${erasure.profileId}` })
  const profileId = found.canonical
  const { members, isErased } = await lockPerson(tx, workspaceId, profileId)
  if (isErased && erasure.reason !== 'restored_from_backup') {
    const [before] = await findReceipt(tx, { workspaceId, profileId })
    if (before) return { receipt: readReceipt(before.receipt), members, recalled: [] }
  }
  const [held] = await findLegalHold(tx, { workspaceId, ids: members })
  if (held) throw fail('legal_hold', { profile: profileId })
  const again = erasure.reason === 'restored_from_backup'
  const taken = again
    ? await takeOutAgain(tx, board, workspaceId, profileId, members)
    : await takeOut(tx, board, workspaceId, profileId, erasure.keep ?? [])
  const { cleared, recalled } = await clear(tx, board, workspaceId, { ids: members, again })
  const [head] = await findChainHead(tx, { workspaceId })
  const { id, at, buried } = cleared
  const { requestId } = erasure
  await putAway(tx, board, workspaceId, taken, { profileId, receiptId: id, requestId, at })
  const receipt = signReceipt(
    {
      id,
      at,
      workspace: workspaceId,
      subject: {
        profile: profileId,
        profiles: members.length,
        digest: digestOfSubject(id, buried),
      },
      requestId,
      reason: erasure.reason,
      deleted: cleared.deleted,
      blanked: cleared.blanked,
      ...keptIn(taken),
      tombstones: buried.length,
      followUps: cleared.followUps,
      keyDestroyed: true,
      auditHead: head ?? null,
    },
    board.vault.signingKey(auditUse),
  )
  await record(tx, board, { receipt, members, actor: erasure.actor })
  return { receipt, members, recalled }
}

const keptIn = (taken: readonly Taken[]): Pick<Receipt, 'kept'> =>
  taken.length === 0 ? {} : { kept: taken.map(({ part, reason }) => ({ part, values: 1, reason })) }

interface Cleared extends Pick<Receipt, 'id' | 'at' | 'deleted' | 'blanked' | 'followUps'> {
  buried: readonly { namespace: string; hash: string }[]
}

/** In the lock order: the profiles are held; then legal_state, then agenda and activations. */
async function clear(
  tx: TransactionSql,
  board: Board,
  workspaceId: number,
  { ids, again }: { ids: readonly string[]; again: boolean },
): Promise<{ cleared: Cleared; recalled: string[] }> {
  const id = board.clock.id()
  const now = board.clock.now()
  const at = now.toISOString()
  const person = { workspaceId, ids }
  await markErased(tx, { ...person, at })
  // While the activations still say where something went.
  const followUps = await enqueueFollowUps(tx, board, {
    workspaceId,
    at: now,
    kind: 'erasure',
    profileIds: ids,
    purpose: null,
    channel: '*',
    reason: 'erased',
  })
  const [, [traces], [evidence], [identity], [ledger]] = await Promise.all([
    emptyProfiles(tx, { ...person, at }),
    eraseTraces(tx, person),
    blankEvidence(tx, { ...person, at }),
    buryIdentifiers(tx, { ...person, receiptId: id, at, again }),
    bareLedger(tx, person),
  ])
  if (!traces || !evidence || !identity || !ledger) throw fail('internal')
  const { buried, edges } = identity
  const { profileKey, consentCurrent, consentPending, consentConflict, ...others } = traces
  const { profileState, traitConflict, ...deleted } = others
  const cleared: Cleared = {
    id,
    at,
    buried,
    followUps: followUps.length,
    deleted: {
      ...deleted,
      profile_key: profileKey,
      consent_current: consentCurrent,
      consent_pending: consentPending,
      consent_conflict: consentConflict,
      profile_state: profileState,
      trait_conflict: traitConflict,
      identifier: buried.length,
      edge: edges,
    },
    blanked: {
      profile: ids.length,
      legal_state: ids.length,
      activation: evidence.activation,
      decision: evidence.decision,
      consent_event: ledger.consents,
      activation_approval: ledger.approvals,
    },
  }
  return { cleared, recalled: evidence.recalled }
}

/** The receipt is kept, and the audit log names it by its digest. */
async function record(
  tx: TransactionSql,
  { clock }: Board,
  { receipt, members, actor }: { receipt: Receipt; members: readonly string[]; actor: string },
): Promise<void> {
  const { id, at, workspace: workspaceId, requestId, reason, tombstones } = receipt
  const { profile: profileId } = receipt.subject
  const digest = digestOfReceipt(receipt)
  const text = canonical(receipt)
  await Promise.all([
    insertReceipt(tx, {
      workspaceId,
      profileId,
      id,
      members,
      requestId,
      digest,
      at,
      receipt: text,
    }),
    appendAudit(tx, {
      workspaceId,
      entries: JSON.stringify([
        {
          at,
          actor,
          id: clock.id(),
          action: 'subject.erase',
          object: `profile:${profileId}`,
          payload: {
            receipt: id,
            digest,
            request: requestId,
            reason,
            tombstones,
            kept: receipt.kept?.length ?? 0,
          },
        },
      ]),
    }),
  ])
}

const readReceipt = (text: string): Receipt => receiptSchema.parse(JSON.parse(text))
