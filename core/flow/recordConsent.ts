import { appendAudit } from '../../blackboard/query/appendAudit.ts'
import { bumpLegalStates } from '../../blackboard/query/bumpLegalStates.ts'
import { insertConsent } from '../../blackboard/query/insertConsent.ts'
import { recallActivations } from '../../blackboard/query/recallActivations.ts'
import { storeChanges } from '../../blackboard/query/storeChanges.ts'
import { wakeAgents } from '../../blackboard/query/wakeAgents.ts'
import { transact } from '../../blackboard/transact.ts'
import type { Board } from '../board.ts'
import type { Consent, ConsentInput } from '../model/consent.ts'
import type { IncomingEvent } from '../model/event.ts'
import { normalise } from '../model/identifier.ts'
import type { Intake } from './ingest/intake.ts'
import { consentCause, type ChangeRow, type Happening } from './notice.ts'
import { findSubject, lockSubject } from './subject.ts'

export interface RecordedConsent extends Consent {
  profileId: string
}

/**
 * Writes a word of a person about one purpose and channel into the ledger. In the same transaction their
 * legal state moves on and, when they refuse, everything that waits for it is recalled: once this returned,
 * no dispatch begins on what stood before. A person nobody has seen gets a profile.
 *
 * @param actor who recorded it, as `principal:<id>` or `source:<id>`
 */
export async function recordConsent(
  board: Board,
  intake: Intake,
  workspaceId: number,
  actor: string,
  input: ConsentInput,
): Promise<RecordedConsent> {
  const subject =
    (await findSubject(board, workspaceId, input.subject)) ??
    (await introduce(board, intake, workspaceId, input))
  const id = board.clock.id()
  const now = board.clock.now()
  const consent: RecordedConsent = {
    id,
    profileId: subject,
    purpose: input.purpose,
    channel: input.channel,
    decision: input.decision,
    basis: input.basis,
    proof: input.proof,
    collectedAt: input.collectedAt ?? now,
    expiresAt: input.expiresAt ?? null,
  }
  await transact(board.db, async (tx) => {
    const members = await lockSubject(tx, workspaceId, subject)
    await write(tx, board, workspaceId, actor, consent, members, now)
  })
  board.signals.send('agenda')
  board.signals.send('audit')
  board.signals.profileChanged(workspaceId, [subject])
  return consent
}

type Transaction = Parameters<Parameters<typeof transact>[1]>[0]

async function write(
  tx: Transaction,
  board: Board,
  workspaceId: number,
  actor: string,
  consent: RecordedConsent,
  members: readonly string[],
  now: Date,
): Promise<void> {
  const { id, profileId, purpose, channel, decision } = consent
  const at = now.toISOString()
  const ids = members
  await Promise.all([
    bumpLegalStates(tx, { workspaceId, ids: JSON.stringify(ids), at }),
    insertConsent(tx, {
      ...{ workspaceId, profileId, id, purpose, channel, decision, actor },
      basis: consent.basis,
      proof: JSON.stringify(consent.proof),
      collectedAt: consent.collectedAt.toISOString(),
      receivedAt: at,
      expiresAt: consent.expiresAt?.toISOString() ?? null,
    }),
    decision === 'granted'
      ? []
      : recallActivations(tx, { workspaceId, ids, purpose, channel, reason: `consent_${decision}`, at }),
    storeChanges(tx, { workspaceId, changes: JSON.stringify([changeOf(board, actor, consent, now)]) }),
    wakeAgents(tx, { workspaceId, happenings: JSON.stringify([happeningOf(consent)]), at }),
    appendAudit(tx, {
      entries: JSON.stringify([
        {
          ...{ workspaceId, at, actor },
          id: board.clock.id(),
          action: `consent.${decision}`,
          object: `profile:${profileId}`,
          payload: { consent: id, purpose, channel, basis: consent.basis },
        },
      ]),
    }),
  ])
}

const changeOf = (
  { clock }: Board,
  actor: string,
  { id, profileId, purpose, channel, decision }: RecordedConsent,
  at: Date,
): ChangeRow => ({
  profileId,
  id: clock.id(),
  kind: 'consent',
  key: `${purpose} ${channel}`,
  value: decision,
  confidence: null,
  revision: null,
  authorKind: actor.startsWith('source:') ? 'source' : 'principal',
  authorId: actor.slice(actor.indexOf(':') + 1),
  cause: id,
  hop: 0,
  at,
})

const happeningOf = ({ id, profileId, purpose, channel }: RecordedConsent): Happening => ({
  profileId,
  kind: 'consent',
  key: purpose,
  cause: consentCause(purpose, channel, id),
  author: null,
  hop: 0,
})

/** A preference centre may know somebody before any event does: an identify call introduces them. */
async function introduce(
  board: Board,
  intake: Intake,
  workspaceId: number,
  { subject }: ConsentInput,
): Promise<string> {
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
  const found = await findSubject(board, workspaceId, subject)
  if (found === undefined) throw new TypeError('an identify call did not make a profile')
  return found
}
