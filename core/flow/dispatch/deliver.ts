/**
 * The second half of a dispatch, outside any transaction: build what the channels carry, send it, and
 * record how it went.
 */
import { appendAudit } from '../../../blackboard/query/appendAudit.ts'
import { moveActivations } from '../../../blackboard/query/moveActivations.ts'
import { reportCircuits } from '../../../blackboard/query/reportCircuits.ts'
import { transact } from '../../../blackboard/transact.ts'
import type { Board } from '../../board.ts'
import { trouble } from '../../trouble.ts'
import { followArrivals } from '../followUp/arrived.ts'
import type { Channel, Delivery, Message } from '../channel/channel.ts'
import { circuitFailuresMax, circuitOpenMs, reportsOf } from '../channel/circuit.ts'
import { messagesOf, type Cleared } from './message.ts'

/** Tries before an activation counts as failed; the last wait is about four minutes. */
const triesMax = 10
const backoffBaseMs = 500
const backoffMaxMs = 10 * 60_000

/** An activation that is `dispatching` under this worker's name. */
export interface Begun {
  item: Cleared
  channel: Channel
}

/** A delivery that came to its end. */
export interface Landed {
  workspaceId: number
  row: Cleared['row']
  circuit: string
  /** The profile that the receiver was told. */
  toldAs: string
  delivery: Delivery
}

/** The messages of a batch; one that cannot be built must not keep back the others. */
export async function messagesOrCodes(
  board: Board,
  workspaceId: number,
  begun: readonly Begun[],
): Promise<(Message | undefined)[]> {
  try {
    return await messagesOf(board, workspaceId, begun)
  } catch (thrown) {
    const [only] = begun
    if (begun.length === 1 && only) {
      board.log.error(
        { activation: only.item.row.id, ...trouble(thrown) },
        'a message could not be built',
      )
      return [undefined]
    }
    return (
      await Promise.all(begun.map((one) => messagesOrCodes(board, workspaceId, [one])))
    ).flat()
  }
}

/** Never rejects: what a channel throws is a delivery that may go better later. */
export async function deliver(
  board: Board,
  { item: { row }, channel }: Begun,
  message: Message | undefined,
): Promise<Delivery> {
  const { workspaceId: workspace, channel: name, attempts, trace } = row
  const span = board.tracing.begin('dispatch', trace ?? undefined, {
    facts: { workspace, channel: name, attempt: attempts + 1 },
  })
  const delivery = await carry(board, channel, message && { ...message, trace: span.trace })
  const error = 'reason' in delivery ? delivery.reason : undefined
  span.end({ outcome: delivery.result, error })
  return delivery
}

async function carry(
  { log }: Board,
  channel: Channel,
  message: Message | undefined,
): Promise<Delivery> {
  if (!message) return { result: 'retry', reason: 'message_unreadable' }
  try {
    return await channel.deliver(message)
  } catch (thrown) {
    log.error({ activation: message.id, ...trouble(thrown) }, 'a channel failed to deliver')
    return { result: 'retry', reason: 'internal' }
  }
}

/** Records how deliveries went; a worker that lost its lease meanwhile moves nothing. */
export async function recordDeliveries(
  board: Board,
  owner: string,
  all: readonly Landed[],
): Promise<void[]> {
  for (const [workspaceId, landed] of Map.groupBy(all, (each) => each.workspaceId)) {
    await record(board, owner, workspaceId, landed)
  }
  return all.map(() => undefined)
}

async function record(
  board: Board,
  owner: string,
  workspaceId: number,
  landed: readonly Landed[],
): Promise<void> {
  const now = board.clock.now()
  const moves = landed.map(({ row, delivery }) => ({
    profileId: row.profileId,
    id: row.id,
    ...moveAfter(row.attempts, delivery, now),
  }))
  const { moved, following } = await transact(board.db, async (tx) => {
    const [done, , , count] = await Promise.all([
      moveActivations(tx, {
        workspaceId,
        holder: owner,
        at: now.toISOString(),
        moves: JSON.stringify(moves),
      }),
      reportCircuits(tx, {
        workspaceId,
        failuresMax: circuitFailuresMax,
        openUntil: new Date(now.getTime() + circuitOpenMs).toISOString(),
        reports: JSON.stringify(reportsOf(landed)),
      }),
      appendAudit(tx, {
        workspaceId,
        entries: JSON.stringify(landed.map((each) => auditEntry(board, each, now))),
      }),
      followArrivals(
        tx,
        board,
        workspaceId,
        landed.map(({ row: { id }, toldAs }) => ({ id, toldAs })),
      ),
    ])
    return { moved: new Set(done.map(({ id }) => id)), following: count }
  })
  const { signals } = board
  for (const { row, delivery } of landed) {
    signals.count({ what: 'delivery', channel: row.channel, result: delivery.result })
  }
  for (const { id, state, error } of moves) {
    if (state === 'approved' || !moved.has(id)) continue
    signals.count({ what: 'activation', state, reason: error ?? 'allowed' })
  }
  signals.profileChanged(workspaceId, [...new Set(moves.map(({ profileId }) => profileId))])
  signals.send('audit')
  if (following > 0) signals.send('followUp')
}

const auditEntry = ({ clock }: Board, { row, delivery }: Landed, at: Date): object => ({
  at,
  id: clock.id(),
  actor: 'system',
  action: `activation.delivery.${delivery.result}`,
  object: `activation:${row.id}`,
  payload: {
    profile: row.profileId,
    purpose: row.purpose,
    channel: row.channel,
    attempt: row.attempts + 1,
    ...('reason' in delivery ? { reason: delivery.reason } : {}),
  },
})

interface Move {
  state: 'sent' | 'failed' | 'approved'
  error: string | null
  dueAt?: Date
}

function moveAfter(attemptsBefore: number, delivery: Delivery, now: Date): Move {
  if (delivery.result === 'sent') return { state: 'sent', error: null }
  const attempts = attemptsBefore + 1
  if (delivery.result === 'failed' || attempts >= triesMax) {
    return { state: 'failed', error: delivery.reason }
  }
  const waitMs = Math.min(backoffMaxMs, backoffBaseMs * 2 ** attempts)
  return { state: 'approved', error: delivery.reason, dueAt: new Date(now.getTime() + waitMs) }
}
