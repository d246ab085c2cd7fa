import type { TransactionSql } from 'postgres'
import { appendRequestEvent } from '../../blackboard/query/appendRequestEvent.ts'
import { listSubjectRequests } from '../../blackboard/query/listSubjectRequests.ts'
import { lockSubjectRequest } from '../../blackboard/query/lockSubjectRequest.ts'
import { queueCallbacks } from '../../blackboard/query/queueCallbacks.ts'
import { updateSubjectRequest } from '../../blackboard/query/updateSubjectRequest.ts'
import { transact } from '../../blackboard/transact.ts'
import { audit } from '../admin/audit.ts'
import type { Board } from '../board.ts'
import { fail } from '../errors.ts'
import type { SubjectRequest } from '../model/subjectRequest.ts'
import { demand, type Reader } from '../read/reader.ts'
import type { Change } from './life.ts'
import { requestStatusOf } from './openDsr/status.ts'

/** Who handles requests, and where. */
export interface Handler {
  board: Board
  workspaceId: number
  /** `principal:<id>` or `system`. */
  actor: string
}

/** @throws forbidden */
export function handlerOf(reader: Reader): Handler {
  demand(reader, 'administer', 'SubjectRequest')
  const { board, principal } = reader
  return { board, workspaceId: principal.workspaceId, actor: `principal:${principal.id}` }
}

/**
 * Changes one request with everything that belongs to it, in one transaction: what the change does to the person,
 * the request, its history, the audit log, and what a controller is to be told.
 *
 * @throws request_unknown, and what `work` throws
 */
export async function changeRequest(
  by: Handler,
  id: string,
  work: (request: SubjectRequest, tx: TransactionSql) => Change | Promise<Change>,
): Promise<SubjectRequest> {
  const changed = await transact(by.board.db, async (tx) => {
    const request = await lockRequest(tx, by, id)
    const change = await work(request, tx)
    await keepChange(tx, by, request, change)
    return change.request
  })
  by.board.signals.send('audit')
  by.board.signals.send('subject')
  return changed
}

/** @throws request_unknown */
export async function readRequest(by: Handler, id: string): Promise<SubjectRequest> {
  const { workspaceId, board } = by
  const [request] = await listSubjectRequests(board.db.sql, {
    workspaceId,
    ids: [id],
    ...anyRequest,
    limit: 1,
  })
  if (!request) throw fail('request_unknown', { request: id })
  return request
}

/** No condition, for what narrows a list by something else. */
export const anyRequest = {
  controllerRequestId: null,
  profileIds: null,
  kind: null,
  states: null,
  dueBefore: null,
  after: null,
} as const

/** @throws request_unknown */
export async function lockRequest(
  tx: TransactionSql,
  by: Handler,
  id: string,
): Promise<SubjectRequest> {
  const [request] = await lockSubjectRequest(tx, { workspaceId: by.workspaceId, id })
  if (!request) throw fail('request_unknown', { request: id })
  return request
}

/** Writes down a change of a request that the transaction holds. */
export async function keepChange(
  tx: TransactionSql,
  by: Handler,
  before: SubjectRequest,
  change: Change,
): Promise<void> {
  const { workspaceId, board } = by
  const { request } = change
  await updateSubjectRequest(tx, {
    workspaceId,
    id: request.id,
    state: request.state,
    acknowledgedAt: request.acknowledgedAt?.toISOString() ?? null,
    dueAt: request.dueAt.toISOString(),
    extensionReason: request.extensionReason,
    extendedAt: request.extendedAt?.toISOString() ?? null,
    verification: request.verification,
    refusals: JSON.stringify(request.refusals),
    acts: request.acts,
    warnedAt: request.warnedAt?.toISOString() ?? null,
    overdueAt: request.overdueAt?.toISOString() ?? null,
    finishedAt: request.finishedAt?.toISOString() ?? null,
  })
  await tell(tx, by, change)
  const status = requestStatusOf(request.state)
  if (request.controllerRequestId === null || status === requestStatusOf(before.state)) return
  const at = board.clock.now().toISOString()
  await queueCallbacks(tx, { workspaceId, requestId: request.id, id: board.clock.id(), status, at })
}

/** Writes a change into the request's own history and the audit log. */
export async function tell(
  tx: TransactionSql,
  { workspaceId, board, actor }: Handler,
  { request, act, details }: Change,
): Promise<void> {
  await appendRequestEvent(tx, {
    workspaceId,
    requestId: request.id,
    id: board.clock.id(),
    at: board.clock.now().toISOString(),
    actor,
    act,
    state: request.state,
    details: JSON.stringify(details),
  })
  await audit(tx, board, {
    workspaceId,
    actor,
    action: `subject_request.${act}`,
    object: `subject_request:${request.id}`,
    payload: { kind: request.kind, state: request.state, ...details },
  })
}
