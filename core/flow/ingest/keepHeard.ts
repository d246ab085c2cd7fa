import type { TransactionSql } from 'postgres'
import { appendAudit } from '../../../blackboard/query/appendAudit.ts'
import { askConfirmation } from '../../../blackboard/query/askConfirmation.ts'
import { bumpLegalStates } from '../../../blackboard/query/bumpLegalStates.ts'
import { insertConsents } from '../../../blackboard/query/insertConsents.ts'
import { markOptedOut } from '../../../blackboard/query/markOptedOut.ts'
import { recallRefused } from '../../../blackboard/query/recallRefused.ts'
import type { Board } from '../../board.ts'
import type { Trace } from '../../model/trace.ts'
import { optOutPurpose } from '../../consent/mapping.ts'
import { confirmBy } from '../askToConfirm.ts'
import { enqueueForActs, type Act } from '../followUp/enqueue.ts'
import { consentChange, consentHappening, type ChangeRow, type Happening } from '../notice.ts'
import type { Entry, Heard } from './hear.ts'

export const changesOf = ({ entries }: Heard, { clock }: Board): ChangeRow[] =>
  entries.map(({ id, profileId, sourceId, said }) =>
    consentChange(
      { ...said, id, profileId },
      clock.id(),
      { kind: 'source', id: sourceId },
      clock.now(),
    ),
  )

/** @param traces by event */
export const happeningsOf = ({ entries }: Heard, traces: ReadonlyMap<string, Trace>): Happening[] =>
  entries.map(({ id, profileId, eventId, said }) =>
    consentHappening({ ...said, id, profileId }, traces.get(eventId)),
  )

/**
 * Writes what was heard, as `recordConsent` does: the legal state first, so that who dispatches on it ends
 * before; what waits for what is now refused is recalled. Returns why, for each activation recalled.
 */
export async function keepHeard(
  tx: TransactionSql,
  board: Board,
  workspaceId: number,
  heard: Heard,
): Promise<string[]> {
  const { entries, late, asked, optedOut, members } = heard
  if ([...entries, ...late, ...asked].length === 0 && optedOut.size === 0) return []
  const at = board.clock.now().toISOString()
  const persons = new Set([...entries.map(({ profileId }) => profileId), ...optedOut.keys()])
  const ids = [...persons].flatMap((id) => members.get(id) ?? []).toSorted()
  const pending: Promise<unknown>[] = []
  if (ids.length > 0) {
    pending.push(bumpLegalStates(tx, { workspaceId, ids: JSON.stringify([...new Set(ids)]), at }))
  }
  if (optedOut.size > 0) pending.push(markOptedOut(tx, { workspaceId, ids: [...optedOut.keys()] }))
  const decided = [...entries.map(rowOf(false)), ...late.map(rowOf(true))]
  if (decided.length > 0) {
    const words = JSON.stringify(decided)
    pending.push(insertConsents(tx, { workspaceId, words, receivedAt: at }))
  }
  if (asked.length > 0) {
    const until = confirmBy(new Date(at))
    const words = asked.map((each, nth) => ({ ...rowOf(false)(each, nth), confirmBy: until }))
    pending.push(askConfirmation(tx, { workspaceId, words: JSON.stringify(words), receivedAt: at }))
  }
  const refusals = refusalsOf(heard)
  const recalling =
    refusals.length > 0
      ? recallRefused(tx, { workspaceId, refusals: JSON.stringify(refusals), at })
      : Promise.resolve([])
  pending.push(recalling)
  await Promise.all(pending)
  const recalled = Map.groupBy(await recalling, ({ nth }) => nth)
  const idsOf = (nth: number): string[] => (recalled.get(nth) ?? []).map(({ id }) => id)
  const audited = [
    ...entries.map((entry, nth) => auditOf(entry, { recalled: idsOf(nth) })),
    ...late.map((entry) => auditOf(entry, { recalled: [], late: true })),
    ...asked.map((entry) => auditOf(entry, { recalled: [] })),
    ...[...optedOut].map(([profileId, { sourceId, id }], nth) => ({
      actor: `source:${sourceId}`,
      action: 'consent.gpc',
      object: `profile:${profileId}`,
      payload: { event: id, recalled: idsOf(entries.length + nth) },
    })),
  ].map((entry) => ({ ...entry, at, id: board.clock.id() }))
  await appendAudit(tx, { workspaceId, entries: JSON.stringify(audited) })
  await enqueueForActs(tx, board, workspaceId, optOutsOf(refusals), new Date(at))
  return [...recalled.values()].flat().map(({ reason }) => reason)
}

const rowOf =
  (late: boolean) =>
  (
    { id, profileId, sourceId, at, latest, older, jurisdiction, said }: Entry,
    nth: number,
  ): object => ({
    id,
    profileId,
    purpose: said.purpose,
    channel: said.channel,
    decision: said.decision,
    proof: said.proof,
    expiresAt: said.expiresAt,
    latest,
    late: late || older,
    nth,
    jurisdiction,
    collectedAt: at,
    actor: `source:${sourceId}`,
  })

interface Refusal {
  profileId: string
  purpose: string
  channel: string
  reason: string
  nth: number
}

/** By profile, since what waits is kept by the profile that it was proposed for. */
function refusalsOf({ entries, optedOut, bound, members }: Heard): Refusal[] {
  const spoken = entries.map(({ profileId, said: { purpose, channel, decision } }) => ({
    profileId,
    purpose,
    channel,
    reason: decision === 'granted' ? null : `consent_${decision}`,
  }))
  const controlled = [...optedOut.keys()].map((profileId) => ({
    profileId,
    purpose: optOutPurpose,
    channel: '*',
    reason: bound.has(profileId) ? 'gpc_opt_out' : null,
  }))
  return [...spoken, ...controlled].flatMap(({ reason, ...refusal }, nth) =>
    reason === null
      ? []
      : (members.get(refusal.profileId) ?? []).map((profileId) => ({
          ...refusal,
          reason,
          profileId,
          nth,
        })),
  )
}

/** What must follow to those who were sent something on what is refused now. */
const optOutsOf = (refusals: readonly Refusal[]): Act[] =>
  [...Map.groupBy(refusals, ({ nth }) => nth).values()].flatMap((all) =>
    all.slice(0, 1).map(({ purpose, channel, reason }) => ({
      kind: 'opt_out' as const,
      profileIds: all.map(({ profileId }) => profileId),
      purpose,
      channel,
      reason,
    })),
  )

const auditOf = (
  { id, profileId, sourceId, eventId, said }: Entry,
  outcome: { recalled: string[]; late?: true },
) => ({
  actor: `source:${sourceId}`,
  action: `consent.${said.decision}`,
  object: `profile:${profileId}`,
  payload: {
    consent: id,
    purpose: said.purpose,
    channel: said.channel,
    basis: 'consent',
    event: eventId,
    ...outcome,
  },
})
