import { listLateRequests } from '../../blackboard/query/listLateRequests.ts'
import type { Board } from '../board.ts'
import type { SubjectRequest } from '../model/subjectRequest.ts'
import { changeRequest } from './changeRequest.ts'
import { expire, type Change } from './life.ts'

const batchMax = 100

/**
 * Finds requests whose time is up. Who never showed who they are has been answered by that; every other one is late,
 * which is written down and told once, loudly: it is a breach of law from that moment on. Returns how many.
 */
export async function watchDeadlines(board: Board): Promise<number> {
  const now = board.clock.now()
  const late = await listLateRequests(board.db.sql, { now: now.toISOString(), limit: batchMax })
  for (const { workspaceId, id } of late) {
    const by = { board, workspaceId, actor: 'system' }
    const { state, kind, dueAt } = await changeRequest(by, id, (request) => lapse(request, now))
    if (state === 'expired') continue
    board.log.error({ request: id, kind, dueAt }, 'a request of a data subject is overdue')
  }
  return late.length
}

const lapse = (request: SubjectRequest, now: Date): Change =>
  request.state === 'identity_unverified'
    ? expire({ ...request, overdueAt: now }, now)
    : {
        request: { ...request, overdueAt: now },
        act: 'overdue',
        details: { dueAt: request.dueAt.toISOString() },
      }
