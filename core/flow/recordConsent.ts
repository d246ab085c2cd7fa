import { findNotice } from '../../blackboard/query/findNotice.ts'
import { listPurposes } from '../../blackboard/query/listPurposes.ts'
import { loadPlaces } from '../../blackboard/query/loadPlaces.ts'
import { placePersons } from '../../blackboard/query/placePersons.ts'
import { transact } from '../../blackboard/transact.ts'
import { definitionFor, endOfGrant, needsConfirmation } from '../../policies/guard.ts'
import type { Board } from '../board.ts'
import { fail } from '../errors.ts'
import {
  isConfirmed,
  type Confirmation,
  type Consent,
  type ConsentInput,
} from '../model/consent.ts'
import type { IncomingEvent } from '../model/event.ts'
import { normalise } from '../model/identifier.ts'
import type { Intake } from './ingest/intake.ts'
import { askToConfirm } from './askToConfirm.ts'
import { seekSubject, lockSubject } from './subject.ts'
import { witness } from './witness.ts'
import { writeWord, type Subject } from './writeWord.ts'

export interface RecordedConsent extends Consent {
  profileId: string
  /** How many activations that waited were recalled by it. */
  recalled: number
  /** For a grant that does not count yet: what the person has to send back. */
  confirmation: Confirmation | null
}

/**
 * Writes a word of a person about one purpose and channel into the ledger. In the same transaction their
 * legal state moves on and, when they refuse, everything that waits for it is recalled: once this returned,
 * no dispatch begins on what stood before. A person nobody has seen gets a profile. A grant for a purpose that
 * asks for double opt-in becomes `pending` unless its proof says when it was confirmed.
 *
 * @param actor who recorded it, as `principal:<id>` or `source:<id>`
 * @throws notice_mismatch for a grant on a notice that was published otherwise
 */
export async function recordConsent(
  board: Board,
  intake: Intake,
  workspaceId: number,
  actor: string,
  input: ConsentInput,
): Promise<RecordedConsent> {
  if ((await seekSubject(board, workspaceId, input.subject)) === undefined) {
    await introduce(board, intake, workspaceId, input)
  }
  const consent = await transact(board.db, (tx) => write(tx, board, workspaceId, actor, input))
  tell(board, workspaceId, consent)
  return consent
}

/** Wakes who has to do with a word that was written. */
export function tell(
  { signals }: Board,
  workspaceId: number,
  { decision, profileId, recalled }: RecordedConsent,
): void {
  for (let left = recalled; left > 0; left -= 1) {
    signals.count({ what: 'activation', state: 'recalled', reason: `consent_${decision}` })
  }
  signals.send('agenda')
  signals.send('audit')
  if (decision === 'denied' || decision === 'withdrawn') signals.send('followUp')
  signals.profileChanged(workspaceId, [profileId])
}

type Transaction = Parameters<Parameters<typeof transact>[1]>[0]

async function write(
  tx: Transaction,
  board: Board,
  workspaceId: number,
  actor: string,
  input: ConsentInput,
): Promise<RecordedConsent> {
  const subject = await lockSubject(tx, board, workspaceId, input.subject)
  if (!subject) throw fail('unknown_subject', { namespace: input.subject.namespace })
  const word = await wordOf(tx, board, { workspaceId, subject, input })
  await place(tx, board, { workspaceId, subject, input })
  if (word.decision === 'pending') return askToConfirm(tx, board, { workspaceId, actor }, word)
  const isLatest = word.decision !== 'granted' && !input.collectedAt
  return writeWord(tx, board, { workspaceId, actor, subject }, { ...word, isLatest })
}

interface Said {
  workspaceId: number
  subject: Subject
  input: ConsentInput
}

/** What the ledger takes for said: a word cannot be from the future, or a clock ahead would let it outlive a later one. */
async function wordOf(
  tx: Transaction,
  { clock }: Board,
  { workspaceId, subject: { canonical: profileId, members }, input }: Said,
): Promise<Consent & { profileId: string }> {
  const { purpose, channel, decision, basis, proof, jurisdiction } = input
  const now = clock.now()
  const collectedAt = input.collectedAt && input.collectedAt < now ? input.collectedAt : now
  const [purposes, versions, places] = await Promise.all([
    listPurposes(tx, { workspaceId }),
    proof.noticeId ? findNotice(tx, { workspaceId, id: proof.noticeId }) : [],
    loadPlaces(tx, { workspaceId, ids: members }),
  ])
  const known = new Set(places.map((each) => each.jurisdiction))
  const [only] = known
  const said = {
    id: clock.id(),
    profileId,
    purpose,
    channel,
    basis,
    collectedAt,
    jurisdiction: jurisdiction ?? (known.size === 1 && only !== undefined ? only : null),
  }
  const expiresAt = input.expiresAt ?? null
  // A refusal is heard whatever was shown to the person.
  if (decision !== 'granted') return { ...said, decision, proof, expiresAt }
  const definition = definitionFor(purpose, purposes)
  const isPending =
    basis === 'consent' &&
    definition !== undefined &&
    needsConfirmation(definition, channel) &&
    !isConfirmed(proof, now)
  return {
    ...said,
    decision: isPending ? 'pending' : 'granted',
    proof: witness(proof, purpose, versions),
    expiresAt: endOfGrant(definition ?? {}, { collectedAt, expiresAt }),
  }
}

/** Where the word was said places a person of whom nobody knows better. */
async function place(
  tx: Transaction,
  { clock }: Board,
  { workspaceId, subject: { canonical: profileId }, input: { jurisdiction } }: Said,
): Promise<void> {
  if (!jurisdiction) return
  const places = JSON.stringify([{ profileId, jurisdiction, source: 'event' }])
  await placePersons(tx, { workspaceId, places, at: clock.now().toISOString() })
}

/** A preference centre may know somebody before any event does: an identify call introduces them. */
async function introduce(
  board: Board,
  intake: Intake,
  workspaceId: number,
  { subject }: ConsentInput,
): Promise<void> {
  const identifier = normalise(subject)
  const now = board.clock.now()
  const event: IncomingEvent = {
    messageId: `consent-${board.clock.id()}`,
    type: 'identify',
    name: '',
    identifiers: identifier ? [identifier] : [],
    traits: {},
    properties: {},
    context: {},
    timestamp: now,
    originalTimestamp: null,
    sentAt: null,
    receivedAt: now,
  }
  await intake.submit({ id: 'consent', workspaceId }, [event])
}
