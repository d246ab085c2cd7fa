import type { TransactionSql } from 'postgres'
import { appendAudit } from '../../blackboard/query/appendAudit.ts'
import { bumpLegalStates } from '../../blackboard/query/bumpLegalStates.ts'
import { insertConsent } from '../../blackboard/query/insertConsent.ts'
import { recallActivations } from '../../blackboard/query/recallActivations.ts'
import { storeChanges } from '../../blackboard/query/storeChanges.ts'
import { wakeAgents } from '../../blackboard/query/wakeAgents.ts'
import type { Board } from '../board.ts'
import { isGuardians } from '../model/age.ts'
import type { Consent } from '../model/consent.ts'
import { enqueueFollowUps } from './followUp/enqueue.ts'
import { consentChange, consentHappening } from './notice.ts'

/** A person, whose profiles the transaction holds. */
export interface Subject {
  canonical: string
  members: string[]
}

export interface Writing {
  workspaceId: number
  /** `principal:<id>`, `source:<id>` or `confirmation:<consent id>`. */
  actor: string
  subject: Subject
}

/** A word that decides something, on its way into the ledger. */
export interface Word extends Consent {
  profileId: string
  /** It was said just now, whatever the clocks of two nodes say. */
  isLatest: boolean
}

/**
 * Writes a word that grants or refuses: the legal state first, so that who dispatches on it ends before anything
 * here is decided. One that is older than what stands goes into the ledger and changes nothing else.
 */
export async function writeWord(
  tx: TransactionSql,
  board: Board,
  { workspaceId, actor, subject: { members: ids } }: Writing,
  { isLatest, ...consent }: Word,
) {
  const { id, profileId, purpose, channel, decision, basis } = consent
  const now = board.clock.now()
  const at = now.toISOString()
  await bumpLegalStates(tx, { workspaceId, ids: JSON.stringify(ids), at })
  const [entry] = await insertConsent(tx, {
    ...consent,
    workspaceId,
    actor,
    proof: JSON.stringify(consent.proof),
    collectedAt: consent.collectedAt.toISOString(),
    receivedAt: at,
    expiresAt: consent.expiresAt?.toISOString() ?? null,
    guardian: decision === 'granted' && isGuardians(consent.proof.method),
    latest: isLatest,
  })
  const isCurrent = entry?.current ?? false
  const reason = `consent_${decision}`
  const isRefused = isCurrent && decision !== 'granted'
  const recalled = isRefused
    ? await recallActivations(tx, { workspaceId, ids, purpose, channel, reason, at })
    : []
  if (isRefused) {
    const act = { kind: 'opt_out' as const, profileIds: ids, purpose, channel, reason }
    await enqueueFollowUps(tx, board, { workspaceId, at: now, ...act })
  }
  const payload = {
    consent: id,
    purpose,
    channel,
    basis,
    recalled: recalled.map((activation) => activation.id),
    ...(isCurrent ? {} : { late: true }),
  }
  const told = { at, actor, id: board.clock.id(), action: `consent.${decision}` }
  const audited = [{ ...told, object: `profile:${profileId}`, payload }]
  const changes = [consentChange(consent, board.clock.id(), authorOf(actor), now)]
  await Promise.all([
    ...(isCurrent
      ? [
          storeChanges(tx, { workspaceId, changes }),
          wakeAgents(tx, { workspaceId, happenings: [consentHappening(consent)], at }),
        ]
      : []),
    appendAudit(tx, { workspaceId, entries: JSON.stringify(audited) }),
  ])
  return { ...consent, recalled: recalled.length, confirmation: null }
}

/** A confirmation is the person's own act, which the platform writes down. */
const authorOf = (actor: string): Parameters<typeof consentChange>[2] => {
  const id = actor.slice(actor.indexOf(':') + 1)
  if (actor.startsWith('source:')) return { kind: 'source', id }
  return actor.startsWith('principal:')
    ? { kind: 'principal', id }
    : { kind: 'system', id: 'confirmation' }
}
