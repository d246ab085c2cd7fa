import type { TransactionSql } from 'postgres'
import { findKept } from '../../blackboard/query/findKept.ts'
import { insertSubjectRequest } from '../../blackboard/query/insertSubjectRequest.ts'
import { listSubjectRequests } from '../../blackboard/query/listSubjectRequests.ts'
import { loadSubjects } from '../../blackboard/query/loadSubjects.ts'
import { transact } from '../../blackboard/transact.ts'
import { parseInput } from '../admin/parseInput.ts'
import type { Board } from '../board.ts'
import { fail, SlateboardError } from '../errors.ts'
import type { Identifier } from '../model/identifier.ts'
import { standingOf } from '../flow/gate/assemble.ts'
import { findSubject, hashOf } from '../flow/subject.ts'
import {
  openRequestSchema,
  type OpenRequest,
  type SubjectRequest,
} from '../model/subjectRequest.ts'
import { demand, type Reader } from '../read/reader.ts'
import { anyRequest, keepChange, tell, type Handler } from './changeRequest.ts'
import { dueOf, lawOf, type Law } from './clock.ts'
import { verify } from './life.ts'

/**
 * Takes in what a person asks for. Nothing is done and nothing leaves until it is known who asks. Somebody who is
 * not known here has a right to hear that as well, so their request is taken in too.
 *
 * @throws forbidden, bad_input
 */
export async function openRequest(reader: Reader, input: unknown): Promise<SubjectRequest> {
  demand(reader, 'record', 'SubjectRequest')
  const given = parseInput(openRequestSchema, input)
  checkSubject(given)
  checkProof(reader, given)
  const { board, principal } = reader
  const by: Handler = {
    board,
    workspaceId: principal.workspaceId,
    actor: `principal:${principal.id}`,
  }
  const profileId =
    (await findKnown(board, by.workspaceId, given.subject)) ??
    (await findRest(board, by.workspaceId, given))
  const receivedAt = receivedOf(given, board.clock.now())
  const request = await transact(board.db, async (tx) => {
    const taken = await takeIn(tx, by, {
      ...given,
      receivedAt,
      profileIds: profileId === undefined ? [] : [profileId],
      law: null,
      controller: null,
    })
    if (!given.verification) return taken
    const change = verify(taken, given.verification, board.clock.now())
    await keepChange(tx, by, taken, change)
    return change.request
  })
  board.signals.send('audit')
  board.signals.send('subject')
  return request
}

/** Of who was erased we know no more than of who never was here. */
export async function findKnown(
  board: Board,
  workspaceId: number,
  subject: Identifier,
): Promise<string | undefined> {
  try {
    return await findSubject(board, workspaceId, subject)
  } catch (thrown) {
    if (thrown instanceof SlateboardError && thrown.code === 'subject_erased') return undefined
    throw thrown
  }
}

/** Of who was erased but for what a law demands, what was kept is shown to them, and erased at last. */
async function findRest(
  { db, vault }: Board,
  workspaceId: number,
  { kind, subject }: OpenRequest,
): Promise<string | undefined> {
  if (kind !== 'access' && kind !== 'erasure') return undefined
  const hash = hashOf(vault, workspaceId, subject)
  const [kept] = await findKept(db.sql, { workspaceId, hash })
  return kept?.profileId
}

/** An objection says to what, a review says of which decision or conclusion, and nothing else says either. */
function checkSubject({ kind, purpose, decision, trait }: OpenRequest): void {
  const wrong = (path: string, reason: string) =>
    fail('bad_input', { path: `input.${path}`, reason })
  if ((kind === 'objection') !== (purpose != null)) {
    throw wrong('purpose', 'an objection names the purpose that it is against, and only it does')
  }
  const contested = [decision, trait].filter((each) => each != null).length
  if (contested !== (kind === 'automated_decision_review' ? 1 : 0)) {
    const reason = 'a review names the decision or the trait that is contested, and only it does'
    throw wrong(trait == null ? 'decision' : 'trait', reason)
  }
}

/** Whoever takes requests in may say who somebody says to be; that they are is for those who answer. */
function checkProof(reader: Reader, { verification }: OpenRequest): void {
  if (verification && verification.level !== 'asserted') {
    demand(reader, 'administer', 'SubjectRequest')
  }
}

/** A request cannot be from the future: its clock would run too long. */
const receivedOf = ({ receivedAt }: OpenRequest, now: Date): Date =>
  receivedAt && receivedAt < now ? receivedAt : now

export interface TakenIn extends Omit<OpenRequest, 'subject' | 'receivedAt' | 'verification'> {
  receivedAt: Date
  profileIds: readonly string[]
  /** Null: that of the person's place. */
  law: Law | null
  controller: { requestId: string; digest: string } | null
}

/** @throws write_conflict when the controller's request came in a moment ago */
export async function takeIn(
  tx: TransactionSql,
  by: Handler,
  { profileIds, law, controller, receivedAt, kind, purpose, decision, trait }: TakenIn,
): Promise<SubjectRequest> {
  const { board, workspaceId, actor } = by
  const jurisdiction = await jurisdictionOf(tx, workspaceId, profileIds)
  const { regulation, clocks } = law ?? lawOf(jurisdiction)
  const { dueAt, acknowledgeBy } = dueOf({ regulation, clocks }, receivedAt)
  const id = board.clock.id()
  const inserted = await insertSubjectRequest(tx, {
    workspaceId,
    id,
    kind,
    profileIds,
    jurisdiction,
    regulation,
    receivedAt: receivedAt.toISOString(),
    acknowledgeBy: acknowledgeBy?.toISOString() ?? null,
    dueAt: dueAt.toISOString(),
    purpose: purpose ?? null,
    decisionProfileId: decision?.profileId ?? null,
    decisionId: decision?.id ?? null,
    trait: trait ?? null,
    controllerRequestId: controller?.requestId ?? null,
    controllerDigest: controller?.digest ?? null,
    openedBy: actor,
  })
  if (inserted.length === 0) throw fail('write_conflict', { what: 'the request came in twice' })
  const [request] = await listSubjectRequests(tx, {
    workspaceId,
    ids: [id],
    ...anyRequest,
    limit: 1,
  })
  if (!request) throw fail('request_unknown', { request: id })
  await tell(tx, by, {
    request,
    act: 'opened',
    details: { regulation, profiles: profileIds.length, overOpenDsr: controller !== null },
  })
  return request
}

/** Of several places of several profiles none is known to be the person's. */
async function jurisdictionOf(
  tx: TransactionSql,
  workspaceId: number,
  ids: readonly string[],
): Promise<string | null> {
  if (ids.length === 0) return null
  const subjects = await loadSubjects(tx, { workspaceId, ids })
  const places = new Set(subjects.map((subject) => standingOf(subject).jurisdiction))
  const [place = null] = places
  return places.size === 1 ? place : null
}
