import { appendAudit } from '../../../blackboard/query/appendAudit.ts'
import type { FollowUpRow } from '../../../blackboard/query/claimFollowUps.ts'
import { moveFollowUps } from '../../../blackboard/query/moveFollowUps.ts'
import { reportCircuits } from '../../../blackboard/query/reportCircuits.ts'
import { transact } from '../../../blackboard/transact.ts'
import type { Board } from '../../board.ts'
import { overdueTries, type FollowUpState } from '../../model/followUp.ts'
import type { Delivery } from '../channel/channel.ts'
import { circuitFailuresMax, circuitOpenMs, reportsOf } from '../channel/circuit.ts'

/** How it went to tell a destination; no delivery where the channel can tell nobody. */
export interface Followed {
  workspaceId: number
  circuit: string
  row: FollowUpRow
  delivery: Delivery | undefined
}

/** Tries before a follow-up is given up: with the waits between them, two days. */
const triesMax = 60
const backoffBaseMs = 500
const backoffMaxMs = 60 * 60_000

/** Records how a batch went, each workspace in one transaction. */
export async function recordFollowed(
  board: Board,
  owner: string,
  all: readonly Followed[],
): Promise<void[]> {
  for (const [workspaceId, batch] of Map.groupBy(all, (each) => each.workspaceId)) {
    await record(board, owner, workspaceId, batch)
  }
  board.signals.send('audit')
  return all.map(() => undefined)
}

interface Move {
  profileId: string
  id: string
  state: FollowUpState
  error?: string
  dueAt?: Date
}

async function record(
  board: Board,
  owner: string,
  workspaceId: number,
  batch: readonly Followed[],
): Promise<void> {
  const now = board.clock.now()
  const at = now.toISOString()
  const moves = batch.map((each) => moveOf(each, now))
  const reports = reportsOf(
    batch.flatMap(({ circuit, delivery }) => (delivery ? [{ circuit, delivery }] : [])),
  )
  await transact(board.db, (tx) =>
    Promise.all([
      moveFollowUps(tx, {
        workspaceId,
        holder: owner,
        profileIds: moves.map(({ profileId }) => profileId),
        at,
        moves: JSON.stringify(moves),
      }),
      reportCircuits(tx, {
        workspaceId,
        failuresMax: circuitFailuresMax,
        openUntil: new Date(now.getTime() + circuitOpenMs).toISOString(),
        reports: JSON.stringify(reports),
      }),
      appendAudit(tx, {
        workspaceId,
        entries: JSON.stringify(
          batch.map((each, nth) => auditOf(board, each, moves[nth]?.state ?? 'pending', now)),
        ),
      }),
    ]),
  )
  for (const [nth, { row, delivery }] of batch.entries()) {
    const result = delivery?.result ?? 'not_supported'
    board.signals.count({ what: 'followUp', kind: row.kind, channel: row.channel, result })
    const { state, error: reason } = moves[nth] ?? {}
    if (state === 'failed' || (state === 'pending' && row.attempts >= overdueTries)) {
      const tries = { followUp: row.id, kind: row.kind, attempts: row.attempts, state, reason }
      board.log.error(tries, 'a destination was not told what follows from what it was sent')
    }
  }
}

function moveOf({ row: { profileId, id, attempts }, delivery }: Followed, now: Date): Move {
  if (!delivery) return { profileId, id, state: 'not_supported' }
  if (delivery.result === 'sent') return { profileId, id, state: 'acknowledged' }
  const { reason: error } = delivery
  // What a receiver refuses today it may take when somebody has looked; what was no address stays none.
  const isHopeless = delivery.result === 'failed' && error.startsWith('destination_')
  if (isHopeless || attempts >= triesMax) return { profileId, id, state: 'failed', error }
  const waitMs = Math.min(backoffMaxMs, backoffBaseMs * 2 ** attempts)
  return { profileId, id, state: 'pending', error, dueAt: new Date(now.getTime() + waitMs) }
}

const auditOf = (
  { clock }: Board,
  { row, delivery }: Followed,
  state: FollowUpState,
  at: Date,
): object => ({
  at,
  id: clock.id(),
  actor: 'system',
  action: `follow_up.${state === 'pending' ? 'retry' : state}`,
  object: `profile:${row.profileId}`,
  payload: {
    followUp: row.id,
    kind: row.kind,
    channel: row.channel,
    attempt: row.attempts,
    ...(delivery && 'reason' in delivery ? { reason: delivery.reason } : {}),
  },
})
