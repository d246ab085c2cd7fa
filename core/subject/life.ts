/**
 * The life of a request as pure functions: each takes the request as it stands and gives it as it is afterwards,
 * with what is to be written down, or throws what keeps it from happening.
 */
import { fail } from '../errors.ts'
import type { JsonObject } from '../model/json.ts'
import { covers } from '../model/purpose.ts'
import {
  isFinal,
  mayBecome,
  reaches,
  verificationNeeded,
  type Proof,
  type Refusal,
  type RefusalReason,
  type RequestAct,
  type SubjectRequest,
  type SubjectRequestKind,
  type SubjectRequestState,
} from '../model/subjectRequest.ts'
import { extendedDue, type Law } from './clock.ts'

/** What became of a request. */
export interface Change {
  request: SubjectRequest
  act: RequestAct
  details: JsonObject
}

/** Told that it arrived; from here the person is asked who they are, unless that is known. */
export function acknowledge(request: SubjectRequest, now: Date): Change {
  demandOpen(request, 'acknowledged')
  const isKnown = reaches(request.verification, verificationNeeded[request.kind])
  const state = request.state === 'received' && !isKnown ? 'identity_unverified' : request.state
  return {
    request: { ...request, state, acknowledgedAt: request.acknowledgedAt ?? now },
    act: 'acknowledged',
    details: {},
  }
}

/** A level once reached is not lost by a weaker proof. */
export function verify(request: SubjectRequest, { level, method }: Proof, now: Date): Change {
  demandOpen(request, 'verified')
  const verification = reaches(request.verification, level) ? request.verification : level
  const isEnough = reaches(verification, verificationNeeded[request.kind])
  return {
    request: {
      ...request,
      verification,
      state: isEnough ? 'in_progress' : 'identity_unverified',
      acknowledgedAt: request.acknowledgedAt ?? now,
    },
    act: 'verified',
    details: { level, method },
  }
}

/** Art. 12(3): once, within the first deadline, and told why. */
export function extend(request: SubjectRequest, reason: string, law: Law, now: Date): Change {
  demandOpen(request, 'extended')
  const dueAt = extendedDue(law, request.receivedAt)
  const refuse = (because: string) =>
    fail('request_not_extendable', { request: request.id, reason: because })
  if (request.extendedAt !== null) throw refuse('it was extended before')
  if (dueAt === null) throw refuse(`${request.regulation} knows no extension`)
  if (now > request.dueAt) throw refuse('it is late already')
  return {
    // The new deadline has a warning of its own.
    request: { ...request, dueAt, extendedAt: now, extensionReason: reason, warnedAt: null },
    act: 'extended',
    details: { reason, from: request.dueAt.toISOString(), to: dueAt.toISOString() },
  }
}

/**
 * Refuses a part, which the answer then leaves out; all of it ends the request. What was refused before for
 * another reason is refused for the new one.
 */
export function refusePart(request: SubjectRequest, refusal: Refusal, now: Date): Change {
  demandOpen(request, 'refused')
  demandRelative(request, refusal.reason)
  const refusals = [...request.refusals.filter(({ part }) => part !== refusal.part), refusal]
  const details = { part: refusal.part, reason: refusal.reason }
  if (refusal.part !== 'all') {
    return { request: { ...request, refusals }, act: 'part_refused', details }
  }
  if (request.acts > 0) throw stepRefused(request, 'refused as a whole')
  return { request: { ...ended(request, 'refused', now), refusals }, act: 'refused', details }
}

/** How the answer turned out follows from what was done and what was refused. */
export function complete(request: SubjectRequest, now: Date): Change {
  demandProgress(request, 'completed')
  const { acts, refusals, id, kind } = request
  if (acts === 0 && refusals.length === 0) throw fail('request_unanswered', { request: id, kind })
  const state = acts === 0 ? 'refused' : refusals.length > 0 ? 'partially_completed' : 'completed'
  return {
    request: ended(request, state, now),
    act: state === 'refused' ? 'refused' : 'completed',
    details: { acts, refused: refusals.length },
  }
}

export function cancel(request: SubjectRequest, reason: string, now: Date): Change {
  demandOpen(request, 'cancelled')
  return { request: ended(request, 'cancelled', now), act: 'cancelled', details: { reason } }
}

/** Whoever never showed who they are is not answered; that the time is up is all there is to say. */
export function expire(request: SubjectRequest, now: Date): Change {
  return {
    request: ended(request, 'expired', now),
    act: 'expired',
    details: { reason: 'insufficient_verification' },
  }
}

/** Something was done to answer it. */
export const did = (request: SubjectRequest, act: RequestAct, details: JsonObject): Change => ({
  request: { ...request, acts: request.acts + 1 },
  act,
  details,
})

/** @throws identity_unverified, request_wrong_kind, request_step_refused, request_subject_unknown */
export function demandAct(
  request: SubjectRequest,
  kinds: readonly SubjectRequestKind[],
  act: string,
): void {
  const { id, kind } = request
  if (!kinds.includes(kind)) throw fail('request_wrong_kind', { request: id, kind, act })
  demandProgress(request, act)
  if (request.profileIds.length === 0) throw fail('request_subject_unknown', { request: id })
}

/** @throws identity_unverified, request_step_refused */
function demandProgress(request: SubjectRequest, act: string): void {
  demandOpen(request, act)
  if (request.state === 'in_progress') return
  throw fail('identity_unverified', {
    request: request.id,
    needed: verificationNeeded[request.kind],
    level: request.verification,
  })
}

function demandOpen(request: SubjectRequest, act: string): void {
  if (isFinal(request.state)) throw stepRefused(request, act)
}

const stepRefused = ({ id, state }: SubjectRequest, act: string) =>
  fail('request_step_refused', { request: id, state, act })

/** Art. 21(2)-(3): there are no grounds for direct marketing. Who asks, and whether they are known here, may be doubted. */
function demandRelative({ kind, purpose }: SubjectRequest, reason: RefusalReason): void {
  if (kind !== 'objection' || purpose === null || doubts.has(reason)) return
  if (covers('marketing', purpose)) throw fail('objection_absolute', { purpose })
}

const doubts: ReadonlySet<RefusalReason> = new Set([
  'suspected_fraud',
  'insufficient_verification',
  'no_match',
  'outside_jurisdiction',
])

function ended(request: SubjectRequest, state: SubjectRequestState, now: Date): SubjectRequest {
  if (!mayBecome(request.state, state)) throw stepRefused(request, state)
  return { ...request, state, finishedAt: now }
}
