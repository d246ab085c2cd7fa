import { listLateRequests, type LateRow } from '../../blackboard/query/listLateRequests.ts'
import { transact } from '../../blackboard/transact.ts'
import type { Board } from '../board.ts'
import { isFinal, type SubjectRequest } from '../model/subjectRequest.ts'
import { keepChange, lockRequest } from './changeRequest.ts'
import { expire, type Change } from './life.ts'

const batchMax = 100

/**
 * Finds requests whose time is nearly up, and those whose time is up. Who never showed who they are has been answered
 * by that; every other one is late, which is written down and told once, loudly: it is a breach of law from that moment
 * on. What falls due soon is told once as a warning, while there is time to answer. Returns how many were found.
 */
export async function watchDeadlines(board: Board): Promise<number> {
  const now = board.clock.now()
  const found = await listLateRequests(board.db.sql, { now: now.toISOString(), limit: batchMax })
  for (const row of found) {
    const request = await note(board, row, now)
    if (!request || request.state === 'expired') continue
    const { id, kind, dueAt } = request
    const told = { request: id, kind, dueAt }
    if (request.overdueAt) board.log.error(told, 'a request of a data subject is overdue')
    else board.log.warn(told, 'a request of a data subject falls due soon')
  }
  return found.length
}

/** Undefined when another node has noted it, or an officer has answered or extended it, since it was found. */
async function note(
  board: Board,
  { workspaceId, id, dueAt }: LateRow,
  now: Date,
): Promise<SubjectRequest | undefined> {
  const by = { board, workspaceId, actor: 'system' }
  const noted = await transact(board.db, async (tx) => {
    const request = await lockRequest(tx, by, id)
    if (isFinal(request.state) || request.overdueAt || +request.dueAt !== +dueAt) return undefined
    const change = request.dueAt < now ? lapse(request, now) : warn(request, now)
    if (change) await keepChange(tx, by, request, change)
    return change?.request
  })
  board.signals.send('audit')
  board.signals.send('subject')
  return noted
}

const lapse = (request: SubjectRequest, now: Date): Change =>
  request.state === 'identity_unverified'
    ? expire({ ...request, overdueAt: now }, now)
    : {
        request: { ...request, overdueAt: now },
        act: 'overdue',
        details: { dueAt: request.dueAt.toISOString() },
      }

const warn = (request: SubjectRequest, now: Date): Change | undefined =>
  request.warnedAt
    ? undefined
    : {
        request: { ...request, warnedAt: now },
        act: 'due_soon',
        details: { dueAt: request.dueAt.toISOString() },
      }
