import { claimCallbacks, type CallbackRow } from '../../../blackboard/query/claimCallbacks.ts'
import { settleCallback } from '../../../blackboard/query/settleCallback.ts'
import type { Board } from '../../board.ts'
import type { Poster } from '../../flow/channel/post.ts'
import { readRequest } from '../changeRequest.ts'
import { statusOf } from './intake.ts'
import type { Signer } from './signer.ts'
import { resultsOf } from './status.ts'

export interface Teller {
  board: Board
  signer: Signer
  poster: Poster
  baseUrl: string
}

const batchMax = 20
/** Longer than a delivery may take, so that nobody else tries at the same time. */
const claimMs = 30_000
/** 1, 2, 4 … minutes and at most 6 hours apart: two days in all. */
const attemptsMax = 16
const backoffMs = 60_000
const backoffMaxMs = 6 * 3_600_000

/** Tells controllers what became of their requests, until they take it. Returns how many were tried. */
export async function tellControllers(teller: Teller): Promise<number> {
  const { board } = teller
  const now = board.clock.now()
  const claimed = await claimCallbacks(board.db.sql, {
    now: now.toISOString(),
    until: new Date(now.getTime() + claimMs).toISOString(),
    limit: batchMax,
  })
  await Promise.all(claimed.map((callback) => tell(teller, callback)))
  return claimed.length
}

async function tell(teller: Teller, callback: CallbackRow): Promise<void> {
  const { board, signer, poster, baseUrl } = teller
  const { workspaceId, requestId, id, url, requestStatus, attempts } = callback
  const request = await readRequest({ board, workspaceId, actor: 'system' }, requestId)
  const body = JSON.stringify({
    ...statusOf(request),
    status_callback_url: url,
    request_status: requestStatus,
    ...(requestStatus === 'completed' ? resultsOf(request, baseUrl) : {}),
  })
  const delivery = await poster.post(url, body, await signer.headers(body))
  const isSent = delivery.result === 'sent'
  const isOver = attempts >= attemptsMax || isHopeless(delivery)
  const state = isSent ? 'sent' : isOver ? 'failed' : 'waiting'
  const waitMs = Math.min(backoffMs * 2 ** (attempts - 1), backoffMaxMs)
  await settleCallback(board.db.sql, {
    workspaceId,
    requestId,
    id,
    state,
    dueAt: new Date(board.clock.now().getTime() + waitMs).toISOString(),
    error: isSent ? null : delivery.reason,
  })
  if (state === 'failed') {
    board.log.error({ request: requestId, callback: id }, 'a controller could not be told')
  }
}

/** Whatever a controller answers today may be mended tomorrow: an expired certificate, a gone key. An address is not. */
const isHopeless = (delivery: Awaited<ReturnType<Poster['post']>>): boolean =>
  delivery.result === 'failed' && delivery.reason.startsWith('destination_')
