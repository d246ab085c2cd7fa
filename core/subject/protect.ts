/** Restriction, objection and review: what keeps things from being done with a person's data. */
import { addObjection } from '../../blackboard/query/addObjection.ts'
import { bumpLegalStates } from '../../blackboard/query/bumpLegalStates.ts'
import { findDecisions } from '../../blackboard/query/findDecisions.ts'
import { listObjections } from '../../blackboard/query/listObjections.ts'
import { listRestrictions } from '../../blackboard/query/listRestrictions.ts'
import { listSubjectRequests } from '../../blackboard/query/listSubjectRequests.ts'
import { overturnActivation } from '../../blackboard/query/overturnActivation.ts'
import { recallActivations } from '../../blackboard/query/recallActivations.ts'
import { removeObjection } from '../../blackboard/query/removeObjection.ts'
import { restrictProfiles } from '../../blackboard/query/restrictProfiles.ts'
import { transact } from '../../blackboard/transact.ts'
import { parseInput } from '../admin/parseInput.ts'
import { fail } from '../errors.ts'
import { enqueueFollowUps } from '../flow/followUp/enqueue.ts'
import {
  liftRestrictionSchema,
  reviewDecisionSchema,
  takeBackObjectionSchema,
  type SubjectRequest,
} from '../model/subjectRequest.ts'
import type { Reader } from '../read/reader.ts'
import {
  anyRequest,
  changeRequest,
  handlerOf,
  lockRequest,
  tell,
  type Handler,
} from './changeRequest.ts'
import { demandAct, did } from './life.ts'
import { lockPersons, membersOf } from './person.ts'

/**
 * Art. 18: from the commit on, a person's data is kept and otherwise left alone; what waited to leave is decided
 * again, and refused. Who got data already is told (Art. 19).
 */
export async function restrictSubject(reader: Reader, id: string): Promise<SubjectRequest> {
  const by = handlerOf(reader)
  const { board, workspaceId } = by
  let touched: string[] = []
  const changed = await changeRequest(by, id, async (request, tx) => {
    demandAct(request, ['restriction'], 'restricted')
    const ids = membersOf(await lockPersons(tx, workspaceId, request.profileIds))
    const now = board.clock.now()
    await restrictProfiles(tx, { workspaceId, ids, restricted: true, at: now.toISOString() })
    const told = await enqueueFollowUps(tx, board, {
      workspaceId,
      at: now,
      kind: 'restriction',
      profileIds: ids,
      purpose: null,
      channel: '*',
      reason: 'restricted',
    })
    touched = ids
    return did(request, 'restricted', { profiles: ids.length, recipientsToTell: told.length })
  })
  rouse(by, touched)
  return changed
}

/**
 * Lifts a restriction, after the person was told that it will be (Art. 18(3)). What another request restricts stays
 * restricted. The request itself has ended by then and stays as it is; its history goes on.
 *
 * @throws bad_input when they were not told before now, request_step_refused when nothing is restricted by it
 */
export async function liftRestriction(reader: Reader, input: unknown): Promise<SubjectRequest> {
  const by = handlerOf(reader)
  const { board, workspaceId } = by
  const { id, toldAt } = parseInput(liftRestrictionSchema, input)
  const now = board.clock.now()
  if (toldAt > now) {
    throw fail('bad_input', {
      path: 'input.toldAt',
      reason: 'Art. 18(3): the person is told before the restriction is lifted',
    })
  }
  const { request, ids } = await transact(board.db, async (tx) => {
    const request = await lockRequest(tx, by, id)
    const members = membersOf(await lockPersons(tx, workspaceId, request.profileIds))
    const restricting = await listRestrictions(tx, { workspaceId, profileIds: members })
    if (!restricting.some((one) => one.id === id)) {
      throw fail('request_step_refused', { request: id, state: request.state, act: 'lifted' })
    }
    const isLast = restricting.length === 1
    const at = now.toISOString()
    if (isLast) await restrictProfiles(tx, { workspaceId, ids: members, restricted: false, at })
    const details = { toldAt: toldAt.toISOString(), lifted: isLast }
    await tell(tx, by, { request, act: 'restriction_lifted', details })
    return { request, ids: members }
  })
  board.signals.send('audit')
  rouse(by, ids)
  return request
}

/**
 * Art. 21: from the commit on nothing is done for the purpose, or for one below it, whatever it rests on. What waits
 * is recalled, and who was sent something for it is told.
 */
export async function recordObjection(reader: Reader, id: string): Promise<SubjectRequest> {
  const by = handlerOf(reader)
  const { board, workspaceId } = by
  let touched: string[] = []
  let recalled: readonly { id: string }[] = []
  const changed = await changeRequest(by, id, async (request, tx) => {
    demandAct(request, ['objection'], 'objected')
    const purpose = request.purpose ?? ''
    const ids = membersOf(await lockPersons(tx, workspaceId, request.profileIds))
    const now = board.clock.now()
    const at = now.toISOString()
    await addObjection(tx, { workspaceId, ids, purpose, at })
    const reason = 'objected'
    recalled = await recallActivations(tx, { workspaceId, ids, purpose, channel: '*', reason, at })
    const act = { kind: 'opt_out' as const, profileIds: ids, purpose, channel: '*', reason }
    const told = await enqueueFollowUps(tx, board, { workspaceId, at: now, ...act })
    touched = ids
    return did(request, 'objected', {
      purpose,
      recalled: recalled.map((activation) => activation.id),
      recipientsToTell: told.length,
    })
  })
  for (const _ of recalled) {
    board.signals.count({ what: 'activation', state: 'recalled', reason: 'objected' })
  }
  rouse(by, touched)
  return changed
}

/**
 * Art. 21 gives a right and no state for ever: a person takes back their objection to the purpose that a request of
 * theirs names, in whichever requests they said it. It grants nothing: what they denied, what they opted out of, other
 * objections and the law stand as before, and what was recalled stays recalled. The requests have ended by then and
 * stay as they are; their history goes on.
 *
 * @throws bad_input when they are not known well enough, request_step_refused when nothing is objected to by it
 */
export async function takeBackObjection(reader: Reader, input: unknown): Promise<SubjectRequest> {
  const by = handlerOf(reader)
  const { board, workspaceId } = by
  const { id, verification, verifiedAt } = parseInput(takeBackObjectionSchema, input)
  const now = board.clock.now()
  if (verifiedAt && verifiedAt > now) {
    throw fail('bad_input', { path: 'input.verifiedAt', reason: 'it is still to come' })
  }
  const { request, ids } = await transact(board.db, async (tx) => {
    const request = await lockRequest(tx, by, id)
    const purpose = request.purpose ?? ''
    const members = membersOf(await lockPersons(tx, workspaceId, request.profileIds))
    const objecting = await listObjections(tx, { workspaceId, profileIds: members, purpose })
    if (!objecting.some((one) => one.id === id)) {
      throw fail('request_step_refused', { request: id, state: request.state, act: 'taken back' })
    }
    await removeObjection(tx, { workspaceId, ids: members, purpose, at: now.toISOString() })
    const at = (verifiedAt ?? now).toISOString()
    const details = { purpose, ...verification, verifiedBy: by.actor, verifiedAt: at }
    // Not locked: requests come before profiles in the order of locks, and only their histories go on.
    const said = await listSubjectRequests(tx, {
      workspaceId,
      ...anyRequest,
      ids: objecting.map((one) => one.id),
      limit: objecting.length,
    })
    for (const one of said)
      await tell(tx, by, { request: one, act: 'objection_taken_back', details })
    return { request, ids: members }
  })
  board.signals.send('audit')
  rouse(by, ids)
  return request
}

/**
 * Art. 22(3): a person looks at what was decided about a person. What they overturn and has not left is recalled;
 * what was refused goes before the gate again, which law and policy still bind. What has left cannot be undone, and
 * the history says so.
 *
 * @throws not_found when there is no such decision about the person
 */
export async function reviewDecision(reader: Reader, input: unknown): Promise<SubjectRequest> {
  const by = handlerOf(reader)
  const { board, workspaceId } = by
  const { id, verdict } = parseInput(reviewDecisionSchema, input)
  let touched: string[] = []
  const changed = await changeRequest(by, id, async (request, tx) => {
    demandAct(request, ['automated_decision_review'], 'reviewed')
    if (request.trait !== null) {
      throw fail('bad_input', { path: 'input.id', reason: 'it contests a trait: use reviewTrait' })
    }
    const ids = membersOf(await lockPersons(tx, workspaceId, request.profileIds))
    const key = { profileId: request.decisionProfileId ?? '', id: request.decisionId ?? '' }
    const [decision] = await findDecisions(tx, { workspaceId, keys: JSON.stringify([key]) })
    if (!decision || !ids.includes(decision.profileId)) {
      throw fail('not_found', { what: 'such decision about this person' })
    }
    const { outcome, reason, activationId } = decision
    const details = { verdict, decision: decision.id, outcome, reason, activation: activationId }
    if (verdict === 'confirmed') return did(request, 'reviewed', details)
    const at = board.clock.now().toISOString()
    await bumpLegalStates(tx, { workspaceId, ids: JSON.stringify(ids), at })
    const [moved] = await overturnActivation(tx, {
      workspaceId,
      profileId: decision.profileId,
      id: activationId,
      decisionId: decision.id,
      at,
    })
    touched = ids
    return did(request, 'reviewed', { ...details, became: moved?.state ?? 'too_late' })
  })
  board.signals.send('proposed')
  rouse(by, touched)
  return changed
}

function rouse({ board, workspaceId }: Handler, ids: readonly string[]): void {
  board.signals.send('followUp')
  board.signals.send('agenda')
  if (ids.length > 0) board.signals.profileChanged(workspaceId, ids)
}
