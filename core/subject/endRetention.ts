import type { TransactionSql } from 'postgres'
import { endRetentions } from '../../blackboard/query/endRetentions.ts'
import { listRetentions, type Retention } from '../../blackboard/query/listRetentions.ts'
import { transact } from '../../blackboard/transact.ts'
import { parseInput } from '../admin/parseInput.ts'
import { fail } from '../errors.ts'
import { endRetentionSchema, type SubjectRequest } from '../model/subjectRequest.ts'
import { demand, type Reader } from '../read/reader.ts'
import { handlerOf, lockRequest, tell, type Handler } from './changeRequest.ts'

/**
 * Erases what an erasure kept, because the reason for it has ended: all of it, or one part. The request itself has
 * ended by then and stays as it is; its history goes on.
 *
 * @throws forbidden, request_unknown, request_step_refused when nothing of the kind is kept by it
 */
export async function endRetention(reader: Reader, input: unknown): Promise<SubjectRequest> {
  const by = handlerOf(reader)
  const { board, workspaceId } = by
  const { id, part } = parseInput(endRetentionSchema, input)
  const request = await transact(board.db, async (tx) => {
    const request = await lockRequest(tx, by, id)
    const kept = await listRetentions(tx, { workspaceId, requestIds: [id], profileIds: [] })
    const parts = await end(
      tx,
      by,
      kept.filter((one) => part == null || one.part === part),
    )
    if (parts.length === 0) {
      throw fail('request_step_refused', { request: id, state: request.state, act: 'ended' })
    }
    await tell(tx, by, { request, act: 'retention_ended', details: { parts } })
    return request
  })
  board.signals.send('audit')
  return request
}

/** Erases what is kept of persons, but for the parts that are to stay; returns the parts that went. */
export async function endKept(
  tx: TransactionSql,
  by: Handler,
  profileIds: readonly string[],
  staying: readonly string[],
): Promise<string[]> {
  const { workspaceId } = by
  const kept = await listRetentions(tx, { workspaceId, requestIds: [], profileIds })
  return end(
    tx,
    by,
    kept.filter(({ part }) => !staying.includes(part)),
  )
}

async function end(
  tx: TransactionSql,
  { board, workspaceId, actor }: Handler,
  kept: readonly Retention[],
): Promise<string[]> {
  const ids = kept.flatMap(({ id, endedAt }) => (endedAt === null ? [id] : []))
  if (ids.length === 0) return []
  const at = board.clock.now().toISOString()
  const ended = await endRetentions(tx, { workspaceId, ids, at, by: actor })
  return ended.map(({ part }) => part)
}

/** What each request kept of a person whom it erased, ended or not; never the values. @throws forbidden */
export async function listKept(
  reader: Reader,
  requestIds: readonly string[],
): Promise<Retention[][]> {
  demand(reader, 'read', 'SubjectRequest')
  const { board, principal } = reader
  const key = { workspaceId: principal.workspaceId, requestIds, profileIds: [] }
  const byRequest = Map.groupBy(
    await listRetentions(board.db.sql, key),
    ({ requestId }) => requestId,
  )
  return requestIds.map((id) => byRequest.get(id) ?? [])
}
