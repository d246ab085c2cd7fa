import { listDueOpenDsr } from '../../../blackboard/query/listDueOpenDsr.ts'
import type { Board } from '../../board.ts'
import { SlateboardError } from '../../errors.ts'
import type { SubjectRequest } from '../../model/subjectRequest.ts'
import { trouble } from '../../trouble.ts'
import { changeRequest, type Handler } from '../changeRequest.ts'
import { eraseFor } from '../eraseRequest.ts'
import { complete, did, refusePart, verify } from '../life.ts'

const batchMax = 20

/**
 * Answers controllers' requests once they can no longer be cancelled. A controller has validated who asks before it
 * asks us, which counts as verified. Each step commits by itself: what was begun when a process died goes on with the
 * next. Returns how many.
 */
export async function answerControllers(board: Board, pendingMs: number): Promise<number> {
  const until = new Date(board.clock.now().getTime() - pendingMs).toISOString()
  const due = await listDueOpenDsr(board.db.sql, { until, limit: batchMax })
  for (const { workspaceId, id } of due) {
    try {
      await answer({ board, workspaceId, actor: 'system' }, id)
    } catch (thrown) {
      board.log.warn({ request: id, ...trouble(thrown) }, 'a controller is answered later')
    }
  }
  return due.length
}

async function answer(by: Handler, id: string): Promise<void> {
  const now = by.board.clock.now()
  const request = await changeRequest(by, id, (standing) =>
    verify(standing, { level: 'verified', method: 'controller' }, now),
  )
  if (request.acts === 0) await act(by, request)
  await changeRequest(by, id, (standing) => complete(standing, by.board.clock.now()))
}

async function act(by: Handler, { id, kind, profileIds }: SubjectRequest): Promise<void> {
  if (profileIds.length === 0) {
    await changeRequest(by, id, (request) => did(request, 'nobody_found', {}))
  } else if (kind === 'erasure') {
    await erase(by, id)
  } else await changeRequest(by, id, (request) => did(request, 'offered', {}))
}

/** What is under legal hold is not erased, and the controller hears that it was not. */
async function erase(by: Handler, id: string): Promise<void> {
  try {
    await eraseFor(by, id, 'no_longer_needed')
  } catch (thrown) {
    if (!(thrown instanceof SlateboardError && thrown.code === 'legal_hold')) throw thrown
    const refusal = { part: 'identifiers', reason: 'legal_claims' } as const
    await changeRequest(by, id, (request) => refusePart(request, refusal, by.board.clock.now()))
  }
}
