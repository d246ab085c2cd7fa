/** OpenDSR 2.0: what a controller asks of us, and what it is answered. */
import { addListeners } from '../../../blackboard/query/addListeners.ts'
import { listRequestEvents } from '../../../blackboard/query/listRequestEvents.ts'
import { listSubjectRequests } from '../../../blackboard/query/listSubjectRequests.ts'
import { transact } from '../../../blackboard/transact.ts'
import { parseInput } from '../../admin/parseInput.ts'
import { fail } from '../../errors.ts'
import type { JsonObject } from '../../model/json.ts'
import {
  controllerIdSchema,
  openDsrRequestSchema,
  type OpenDsrRequest,
} from '../../model/openDsr.ts'
import type { SubjectRequest } from '../../model/subjectRequest.ts'
import type { Reader } from '../../read/reader.ts'
import { anyRequest, changeRequest, handlerOf, type Handler } from '../changeRequest.ts'
import { lawNamed } from '../clock.ts'
import { cancel } from '../life.ts'
import { takeIn } from '../openRequest.ts'
import { findByIdentities } from './identity.ts'
import { readLenient } from './lenient.ts'
import { requestStatusOf, resultsOf } from './status.ts'

export const apiVersion = '2.0'

/**
 * Takes in a controller's request. What was sent is read, looked up and given back in the receipt; of whom it named,
 * only the profiles are kept.
 *
 * @throws forbidden, bad_input, also for a request that repeats another's id
 */
export async function receiveRequest(reader: Reader, body: string): Promise<JsonObject> {
  const by = handlerOf(reader)
  const given = parseInput(openDsrRequestSchema, readLenient(body))
  const request = (await findRequest(by, given.subject_request_id)) ?? (await take(by, given))
  if (request.controllerDigest !== digestOf(by, given)) {
    throw fail('bad_input', {
      path: 'subject_request_id',
      reason: 'another request has it, of other words or another person',
    })
  }
  const [opened] = await listRequestEvents(by.board.db.sql, {
    workspaceId: by.workspaceId,
    requestIds: [request.id],
  })
  return {
    controller_id: reader.principal.id,
    expected_completion_time: request.dueAt.toISOString(),
    received_time: (opened?.at ?? by.board.clock.now()).toISOString(),
    encoded_request: Buffer.from(body, 'utf8').toString('base64'),
    subject_request_id: given.subject_request_id,
  }
}

async function take(by: Handler, given: OpenDsrRequest): Promise<SubjectRequest> {
  const { board, workspaceId } = by
  const profileIds = await findByIdentities(board, workspaceId, given.subject_identities)
  const now = board.clock.now()
  const requestId = given.subject_request_id
  const request = await transact(board.db, async (tx) => {
    const taken = await takeIn(tx, by, {
      kind: given.subject_request_type,
      receivedAt: given.submitted_time < now ? given.submitted_time : now,
      profileIds,
      law: lawNamed(given.regulation),
      controller: { requestId, digest: digestOf(by, given) },
    })
    const urls = given.status_callback_urls
    await addListeners(tx, { workspaceId, requestId: taken.id, urls })
    return taken
  })
  board.signals.send('audit')
  board.signals.send('subject')
  return request
}

/** Under a key of ours: it tells repeats apart, and nobody who was named. */
const digestOf = ({ board, workspaceId }: Handler, given: OpenDsrRequest): string =>
  board.vault.blind(
    workspaceId,
    'open-dsr',
    JSON.stringify([given.subject_request_type, given.regulation, given.subject_identities]),
  )

async function findRequest(by: Handler, given: string): Promise<SubjectRequest | undefined> {
  const controllerRequestId = controllerIdSchema.safeParse(given).data
  if (controllerRequestId === undefined) return undefined
  const { board, workspaceId } = by
  const [request] = await listSubjectRequests(board.db.sql, {
    ...anyRequest,
    workspaceId,
    ids: null,
    controllerRequestId,
    limit: 1,
  })
  return request
}

async function demandRequest(by: Handler, given: string): Promise<SubjectRequest> {
  const request = await findRequest(by, given)
  if (!request) throw fail('not_found', { what: 'request with this subject_request_id' })
  return request
}

/** @throws forbidden, not_found */
export async function tellStatus(
  reader: Reader,
  given: string,
  baseUrl: string,
): Promise<JsonObject> {
  const request = await demandRequest(handlerOf(reader), given)
  return {
    ...statusOf(request),
    request_status: requestStatusOf(request.state),
    api_version: apiVersion,
    ...resultsOf(request, baseUrl),
  }
}

/** What answers and callbacks say alike. */
export const statusOf = (request: SubjectRequest): JsonObject => ({
  controller_id: request.openedBy.replace(/^principal:/, ''),
  expected_completion_time: request.dueAt.toISOString(),
  subject_request_id: request.controllerRequestId,
})

/** Only while it is pending. @throws forbidden, not_found, bad_input */
export async function cancelByController(reader: Reader, given: string): Promise<JsonObject> {
  const by = handlerOf(reader)
  const { id } = await demandRequest(by, given)
  const now = by.board.clock.now()
  const request = await changeRequest(by, id, (standing) => {
    const status = requestStatusOf(standing.state)
    if (status !== 'pending') {
      throw fail('bad_input', {
        path: 'subject_request_id',
        reason: `only a pending request is cancelled, and it is ${status}`,
      })
    }
    return cancel(standing, 'taken_back', now)
  })
  const { expected_completion_time: _, ...receipt } = statusOf(request)
  return { ...receipt, received_time: now.toISOString(), api_version: apiVersion }
}

/** The id of ours for a controller's. @throws forbidden, not_found */
export const findOwnId = async (reader: Reader, given: string): Promise<string> =>
  (await demandRequest(handlerOf(reader), given)).id
