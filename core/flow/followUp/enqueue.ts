/**
 * What a person's word or right means for those who were already sent something: an opt-out, an erasure, a
 * rectification or a restriction has to reach them too. It is put down in the transaction of the act.
 */
import type { TransactionSql } from 'postgres'
import { appendAudit } from '../../../blackboard/query/appendAudit.ts'
import { insertFollowUps, type FollowUpWord } from '../../../blackboard/query/insertFollowUps.ts'
import { listSentTo } from '../../../blackboard/query/listSentTo.ts'
import { lockUnderWay } from '../../../blackboard/query/lockUnderWay.ts'
import type { Board } from '../../board.ts'
import type { FollowUpKind } from '../../model/followUp.ts'

/** The latest activations that a receiver is told; it knows the profile as well. */
const activationsMax = 100
/**
 * How long a follow-up lets what is on its way to the same place arrive first: twice the time that a channel
 * gives one delivery. A delivery that ends earlier lets it go at once.
 */
const letPassMs = 10_000

/** What a person or an officer did, about all profiles that count as that person. */
export interface Act {
  kind: FollowUpKind
  /** Every profile of the person, as `lockSubject` gives them. */
  profileIds: readonly string[]
  /** With its children; null: whatever it was sent for. */
  purpose: string | null
  /** `*`: whichever channel it went by. */
  channel: string
  /** A code, such as `consent_withdrawn`. */
  reason: string
}

/**
 * Puts down one follow-up for each destination that was sent something, or is being sent it now. To be called
 * after `bumpLegalStates` in the same transaction (a dispatch that had begun is then seen), and before
 * activations are deleted. Afterwards, when the transaction is over, `signals.send('followUp')`.
 */
export const enqueueFollowUps = (
  tx: TransactionSql,
  board: Pick<Board, 'clock'>,
  { workspaceId, at, ...act }: Act & { workspaceId: number; at: Date },
): Promise<FollowUpWord[]> => enqueueForActs(tx, board, workspaceId, [act], at)

/** The same for many acts at once; `acts` that reach nobody cost one look-up together. */
export async function enqueueForActs(
  tx: TransactionSql,
  { clock }: Pick<Board, 'clock'>,
  workspaceId: number,
  acts: readonly Act[],
  at: Date,
): Promise<FollowUpWord[]> {
  if (acts.length === 0) return []
  const asked = acts.map(({ profileIds, purpose, channel }, nth) => ({
    nth,
    profileIds,
    purpose,
    channel,
  }))
  const [, places] = await Promise.all([
    lockUnderWay(tx, { workspaceId, profileIds: acts.flatMap(({ profileIds }) => profileIds) }),
    listSentTo(tx, { workspaceId, acts: JSON.stringify(asked), max: activationsMax }),
  ])
  if (places.length === 0) return []
  const letPass = new Date(at.getTime() + letPassMs)
  // Two acts of one batch may come to the same word, and one statement may not touch a row twice.
  const news = new Map<string, object>()
  for (const { nth, underWay, ...place } of places) {
    const act = acts[nth]
    if (!act) continue
    const { kind, purpose, reason } = act
    const row = { ...place, kind, purpose, reason, id: clock.id(), askedAt: at }
    const key = JSON.stringify([place.profileId, kind, place.channel, place.destination, purpose])
    news.set(key, { ...row, dueAt: underWay ? letPass : at })
  }
  const enqueued = await insertFollowUps(tx, {
    workspaceId,
    followUps: JSON.stringify([...news.values()]),
    at: at.toISOString(),
  })
  const entries = enqueued.map(({ id, profileId, ...what }) => ({
    at,
    id: clock.id(),
    actor: 'system',
    action: 'follow_up.enqueue',
    object: `profile:${profileId}`,
    payload: { followUp: id, ...what },
  }))
  await appendAudit(tx, { workspaceId, entries: JSON.stringify(entries) })
  return enqueued
}
