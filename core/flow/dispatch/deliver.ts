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
import type { Channel, Delivery, Message } from '../channel/channel.ts'
import { circuitFailuresMax, circuitOpenMs, reportsOf } from './circuit.ts'
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

interface Result {
  row: Cleared['row']
  circuit: string
  delivery: Delivery
}

/** Sends, then records how it went; a worker that lost its lease meanwhile moves nothing. */
export async function finish(
  board: Board,
  owner: string,
  workspaceId: number,
  begun: readonly Begun[],
): Promise<void> {
  if (begun.length === 0) return
  const messages = await messagesOrCodes(board, workspaceId, begun)
  const results = await Promise.all(
    begun.map(async ({ item, channel }, at): Promise<Result> => ({
      row: item.row,
      circuit: channel.circuitOf(item.row.destination),
      delivery: await deliver(board, channel, messages[at]),
    })),
  )
  await record(board, owner, workspaceId, results)
}

/** The messages of a batch; one that cannot be built must not keep back the others. */
async function messagesOrCodes(
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

async function deliver(
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

async function record(
  board: Board,
  owner: string,
  workspaceId: number,
  results: readonly Result[],
): Promise<void> {
  const now = board.clock.now()
  const moves = results.map(({ row, delivery }) => ({
    profileId: row.profileId,
    id: row.id,
    ...moveAfter(row.attempts, delivery, now),
  }))
  const moved = await transact(board.db, async (tx) => {
    const [done] = await Promise.all([
      moveActivations(tx, {
        workspaceId,
        holder: owner,
        profileIds: moves.map(({ profileId }) => profileId),
        at: now.toISOString(),
        moves: JSON.stringify(moves),
      }),
      reportCircuits(tx, {
        workspaceId,
        failuresMax: circuitFailuresMax,
        openUntil: new Date(now.getTime() + circuitOpenMs).toISOString(),
        reports: JSON.stringify(reportsOf(results)),
      }),
      appendAudit(tx, {
        workspaceId,
        entries: JSON.stringify(results.map((result) => auditEntry(board, result, now))),
      }),
    ])
    return new Set(done.map(({ id }) => id))
  })
  for (const { row, delivery } of results) {
    board.signals.count({ what: 'delivery', channel: row.channel, result: delivery.result })
  }
  for (const { id, state, error } of moves) {
    if (state === 'approved' || !moved.has(id)) continue
    board.signals.count({ what: 'activation', state, reason: error ?? 'allowed' })
  }
}

const auditEntry = ({ clock }: Board, { row, delivery }: Result, at: Date): object => ({
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
