import { appendAudit } from '../../blackboard/query/appendAudit.ts'
import { bumpLegalStates } from '../../blackboard/query/bumpLegalStates.ts'
import { insertConsent } from '../../blackboard/query/insertConsent.ts'
import { recallActivations } from '../../blackboard/query/recallActivations.ts'
import { storeChanges } from '../../blackboard/query/storeChanges.ts'
import { wakeAgents } from '../../blackboard/query/wakeAgents.ts'
import { transact } from '../../blackboard/transact.ts'
import type { Board } from '../board.ts'
import { fail } from '../errors.ts'
import type { Consent, ConsentInput } from '../model/consent.ts'
import type { IncomingEvent } from '../model/event.ts'
import { normalise } from '../model/identifier.ts'
import { enqueueFollowUps } from './followUp/enqueue.ts'
import type { Intake } from './ingest/intake.ts'
import { consentChange, consentHappening } from './notice.ts'
import { seekSubject, lockSubject } from './subject.ts'

export interface RecordedConsent extends Consent {
  profileId: string
  /** How many activations that waited were recalled by it. */
  recalled: number
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
  if ((await seekSubject(board, workspaceId, input.subject)) === undefined) {
    await introduce(board, intake, workspaceId, input)
  }
  const consent = await transact(board.db, (tx) => write(tx, board, workspaceId, actor, input))
  for (let left = consent.recalled; left > 0; left -= 1) {
    const reason = `consent_${consent.decision}`
    board.signals.count({ what: 'activation', state: 'recalled', reason })
  }
  board.signals.send('agenda')
  board.signals.send('audit')
  if (consent.decision !== 'granted') board.signals.send('followUp')
  board.signals.profileChanged(workspaceId, [consent.profileId])
  return consent
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
  const { members: ids, canonical: profileId } = subject
  const now = board.clock.now()
  const at = now.toISOString()
  const consent = consentOf(board.clock.id(), profileId, input, now)
  const { id, purpose, channel, decision, basis } = consent
  const isRefusal = decision !== 'granted'
  // The legal state first: who dispatches on it now ends before anything here is decided.
  await bumpLegalStates(tx, { workspaceId, ids: JSON.stringify(ids), at })
  const [entry] = await insertConsent(tx, {
    workspaceId,
    profileId,
    id,
    purpose,
    channel,
    decision,
    basis,
    actor,
    proof: JSON.stringify(consent.proof),
    collectedAt: consent.collectedAt.toISOString(),
    receivedAt: at,
    expiresAt: consent.expiresAt?.toISOString() ?? null,
    latest: isRefusal && !input.collectedAt,
  })
  const reason = `consent_${decision}`
  const recalled = isRefusal
    ? await recallActivations(tx, { workspaceId, ids, purpose, channel, reason, at })
    : []
  // An older word that came late opts nobody out who has agreed since.
  if (isRefusal && entry?.current) {
    const act = { kind: 'opt_out' as const, profileIds: ids, purpose, channel, reason }
    await enqueueFollowUps(tx, board, { workspaceId, at: now, ...act })
  }
  await Promise.all([
    storeChanges(tx, {
      workspaceId,
      changes: [consentChange(consent, board.clock.id(), authorOf(actor), now)],
    }),
    wakeAgents(tx, { workspaceId, happenings: [consentHappening(consent)], at }),
    appendAudit(tx, {
      workspaceId,
      entries: JSON.stringify([
        {
          at,
          actor,
          id: board.clock.id(),
          action: `consent.${decision}`,
          object: `profile:${profileId}`,
          payload: {
            consent: id,
            purpose,
            channel,
            basis,
            recalled: recalled.map((activation) => activation.id),
          },
        },
      ]),
    }),
  ])
  return { ...consent, recalled: recalled.length }
}

/** A word cannot be from the future: a clock that is ahead would let it outlive what is said later. */
const consentOf = (
  id: string,
  profileId: string,
  { purpose, channel, decision, basis, proof, collectedAt, expiresAt }: ConsentInput,
  now: Date,
): Omit<RecordedConsent, 'recalled'> => ({
  id,
  profileId,
  purpose,
  channel,
  decision,
  basis,
  proof,
  collectedAt: collectedAt && collectedAt < now ? collectedAt : now,
  expiresAt: expiresAt ?? null,
})

/** @param actor as `source:<id>` or `principal:<id>` */
const authorOf = (actor: string): { kind: 'source' | 'principal'; id: string } => ({
  kind: actor.startsWith('source:') ? 'source' : 'principal',
  id: actor.slice(actor.indexOf(':') + 1),
})

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
