import { expect, test } from 'vitest'
import type { SubjectRequest } from '../../../core/model/subjectRequest.ts'
import { lawOf } from '../../../core/subject/clock.ts'
import {
  acknowledge,
  cancel,
  complete,
  demandAct,
  did,
  expire,
  extend,
  refusePart,
  verify,
} from '../../../core/subject/life.ts'
import { aRequest } from './givenRequest.ts'

const now = new Date('2026-01-20T10:00:00Z')
const later = new Date('2026-03-01T10:00:00Z')
const law = lawOf('DE')
const known = aRequest({ state: 'in_progress', verification: 'verified' })

const codeOf = (act: () => unknown): string => {
  try {
    act()
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown) return String(thrown.code)
  }
  return 'done'
}

test('a request is received, the person asked who they are, known, answered (Art. 12(3), 12(6))', () => {
  const asked = acknowledge(aRequest(), now).request
  expect(asked).toMatchObject({ state: 'identity_unverified', acknowledgedAt: now })
  const told = verify(asked, { level: 'asserted', method: 'known_details' }, now).request
  expect(told).toMatchObject({ state: 'identity_unverified', verification: 'asserted' })
  expect(codeOf(() => demandAct(told, ['access'], 'fetched'))).toBe('identity_unverified')
  const shown = verify(told, { level: 'verified', method: 'email_link' }, now).request
  expect(shown).toMatchObject({ state: 'in_progress', verification: 'verified' })
  expect(codeOf(() => demandAct(shown, ['access'], 'fetched'))).toBe('done')
  expect(codeOf(() => demandAct(shown, ['erasure'], 'erased'))).toBe('request_wrong_kind')
  expect(codeOf(() => complete(shown, now))).toBe('request_unanswered')
  const answered = complete(did(shown, 'fetched', {}).request, now).request
  expect(answered).toMatchObject({ state: 'completed', finishedAt: now, acts: 1 })
})

test('a weaker proof takes nothing away from a stronger one', () => {
  const { request } = verify(known, { level: 'asserted', method: 'login' }, now)
  expect(request).toMatchObject({ state: 'in_progress', verification: 'verified' })
})

test('time is extended once, with a reason, before it is up, as far as the law lets it (Art. 12(3))', () => {
  const { request, details } = extend(known, 'complexity', law, now)
  expect(request.dueAt).toEqual(new Date('2026-04-15T10:00:00Z'))
  expect(details).toMatchObject({ reason: 'complexity', from: '2026-02-15T10:00:00.000Z' })
  expect(codeOf(() => extend(request, 'complexity', law, now))).toBe('request_not_extendable')
  expect(codeOf(() => extend(known, 'complexity', law, later))).toBe('request_not_extendable')
  expect(codeOf(() => extend(known, 'complexity', lawOf('BR'), now))).toBe('request_not_extendable')
})

test('what is refused in part is answered in part, with the reason for each (Art. 12(4), 15(4))', () => {
  const first = refusePart(known, { part: 'events', reason: 'legal_claims' }, now).request
  const second = refusePart(first, { part: 'events', reason: 'rights_of_others' }, now).request
  expect(second.refusals).toEqual([{ part: 'events', reason: 'rights_of_others' }])
  expect(complete(did(second, 'fetched', {}).request, now).request.state).toBe(
    'partially_completed',
  )
  expect(complete(second, now).request.state).toBe('refused')
})

test('a request is refused as a whole at any time before it is answered, and not after', () => {
  for (const state of ['received', 'identity_unverified', 'in_progress'] as const) {
    const whole = refusePart(aRequest({ state }), { part: 'all', reason: 'no_match' }, now)
    expect(whole).toMatchObject({ act: 'refused', request: { state: 'refused', finishedAt: now } })
  }
  const answered = did(known, 'fetched', {}).request
  expect(codeOf(() => refusePart(answered, { part: 'all', reason: 'no_match' }, now))).toBe(
    'request_step_refused',
  )
})

test('an objection to direct marketing is absolute, one to anything else may meet grounds (Art. 21(1)-(3))', () => {
  const objection = (purpose: string): SubjectRequest =>
    aRequest({ kind: 'objection', purpose, state: 'in_progress', verification: 'asserted' })
  const refuse = (purpose: string) =>
    codeOf(() => refusePart(objection(purpose), { part: 'all', reason: 'compelling_grounds' }, now))
  expect(refuse('marketing')).toBe('objection_absolute')
  expect(refuse('marketing.ads')).toBe('objection_absolute')
  expect(refuse('security')).toBe('done')
  expect(refuse('marketingplus')).toBe('done')
  const stranger = { ...objection('marketing'), state: 'received' as const }
  const part = 'all'
  expect(codeOf(() => refusePart(stranger, { part, reason: 'legal_claims' }, now))).toBe(
    'objection_absolute',
  )
  expect(codeOf(() => refusePart(stranger, { part, reason: 'suspected_fraud' }, now))).toBe('done')
})

test('what has ended takes no further step', () => {
  const over = cancel(known, 'taken_back', now).request
  const steps = [
    () => acknowledge(over, now),
    () => verify(over, { level: 'strong', method: 'document' }, now),
    () => extend(over, 'complexity', law, now),
    () => refusePart(over, { part: 'events', reason: 'legal_claims' }, now),
    () => complete(over, now),
    () => cancel(over, 'duplicate', now),
    () => demandAct(over, ['access'], 'fetched'),
    () => expire(over, now),
  ]
  expect(steps.map(codeOf)).toEqual(steps.map(() => 'request_step_refused'))
})

test('who was never known is not answered, and who was not found is told so (Art. 11(2))', () => {
  expect(expire(aRequest(), later).request.state).toBe('expired')
  expect(codeOf(() => expire(known, later))).toBe('request_step_refused')
  const nobody = { ...known, profileIds: [] }
  expect(codeOf(() => demandAct(nobody, ['access'], 'fetched'))).toBe('request_subject_unknown')
})
