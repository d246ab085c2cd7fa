import { expect, test } from 'vitest'
import { findRecord, replayDecision } from '../../../core/explain/replay.ts'
import { createDoorkeeper } from '../../../core/read/authenticate.ts'
import { completeRequest } from '../../../core/subject/handleRequest.ts'
import { openRequest } from '../../../core/subject/openRequest.ts'
import {
  liftRestriction,
  recordObjection,
  restrictSubject,
  reviewDecision,
  takeBackObjection,
} from '../../../core/subject/protect.ts'
import { rectifySubject } from '../../../core/subject/rectify.ts'
import { alias, identify } from '../../support/app.ts'
import { openOutward, type Outward } from '../../support/outward.ts'

/** Somebody to whom something may be sent, and an officer. */
async function open() {
  const outward = await openOutward()
  const { app } = outward
  await app.send(identify('ada', { plan: 'pro' }))
  await outward.say('ada', 'granted')
  const door = createDoorkeeper(app.board, app.policies)
  const { key } = await app.principal('officer')
  const officer = await door.admit(key)
  if (!officer) throw new TypeError('the officer was not admitted')
  const ask = (kind: string, more: object = {}) =>
    openRequest(officer, {
      subject: { namespace: 'user_id', value: 'ada' },
      kind,
      verification: { level: 'asserted', method: 'login' },
      ...more,
    })
  return { ...outward, officer, ask, [Symbol.asyncDispose]: () => outward[Symbol.asyncDispose]() }
}

const historyOf = ({ app }: Pick<Outward, 'app'>, id: string) =>
  app.sql<{ act: string; details: Record<string, unknown> }[]>`
    select act, details from subject_request_event where request_id = ${id} order by id`

test('a restriction stops what was approved, tells who got data, and ends only after the person was told (Art. 18, 19)', async () => {
  await using office = await open()
  const { app, officer, clock } = office
  const sent = await office.propose('ada')
  await office.decide()
  await office.dispatch()
  const waiting = await office.propose('ada')
  expect(await office.activation(sent)).toMatchObject({ state: 'sent' })
  expect(await office.activation(waiting)).toMatchObject({ state: 'approved' })

  const { id } = await office.ask('restriction')
  await restrictSubject(officer, id)
  expect(await completeRequest(officer, id)).toMatchObject({ state: 'completed' })
  await office.dispatch()
  expect(await office.activation(waiting)).toMatchObject({ state: 'recalled', error: 'restricted' })
  const followUps = await app.sql`select kind, reason from follow_up`
  expect(followUps).toMatchObject([{ kind: 'restriction', reason: 'restricted' }])

  const early = new Date(clock.now().getTime() + 1000)
  await expect(liftRestriction(officer, { id, toldAt: early })).rejects.toMatchObject({
    code: 'bad_input',
  })
  await liftRestriction(officer, { id, toldAt: clock.now() })
  expect(await office.activation(await office.propose('ada'))).toMatchObject({ state: 'approved' })
  await expect(liftRestriction(officer, { id, toldAt: clock.now() })).rejects.toMatchObject({
    code: 'request_step_refused',
  })
  expect((await historyOf(office, id)).map(({ act }) => act)).toEqual([
    'opened',
    'verified',
    'restricted',
    'completed',
    'restriction_lifted',
  ])
})

test('what another request restricts stays restricted, on every profile that was merged', async () => {
  await using office = await open()
  const { app, officer, clock } = office
  await app.send(identify('ada-before'), alias('ada', 'ada-before'))
  const one = await office.ask('restriction')
  const other = await office.ask('restriction')
  await restrictSubject(officer, one.id)
  await restrictSubject(officer, other.id)
  const restricted = async () => app.sql`select distinct restricted from legal_state`
  expect(await restricted()).toEqual([{ restricted: true }])
  await liftRestriction(officer, { id: one.id, toldAt: clock.now() })
  expect(await restricted()).toEqual([{ restricted: true }])
  await liftRestriction(officer, { id: other.id, toldAt: clock.now() })
  expect(await restricted()).toEqual([{ restricted: false }])
})

test('an objection to marketing recalls what waits, opts out downstream, and no later grant outweighs it (Art. 21(2)-(3))', async () => {
  await using office = await open()
  const { app, officer } = office
  const sent = await office.propose('ada')
  await office.dispatch()
  const waiting = await office.propose('ada')
  const { id } = await office.ask('objection', { purpose: 'marketing' })
  await recordObjection(officer, id)
  expect(await office.activation(sent)).toMatchObject({ state: 'sent' })
  expect(await office.activation(waiting)).toMatchObject({ state: 'recalled', error: 'objected' })
  expect(await app.sql`select kind, purpose from follow_up`).toMatchObject([
    { kind: 'opt_out', purpose: 'marketing' },
  ])
  await office.say('ada', 'granted')
  const again = await office.propose('ada')
  expect(await office.activation(again)).toMatchObject({ state: 'refused' })
  expect(await office.decisions(again)).toMatchObject([{ reason: 'objected' }])
  expect(await historyOf(office, id)).toMatchObject([
    {},
    {},
    {
      act: 'objected',
      details: { purpose: 'marketing', recalled: [waiting], recipientsToTell: 1 },
    },
  ])
})

test('a dispatch that was decided before an objection does not begin after it', async () => {
  await using office = await open()
  const waiting = await office.propose('ada')
  const { id } = await office.ask('objection', { purpose: 'marketing.promotion' })
  await Promise.all([recordObjection(office.officer, id), office.dispatch()])
  const { state } = await office.activation(waiting)
  expect(office.receiver.requests).toHaveLength(state === 'sent' ? 1 : 0)
  await office.dispatch()
  expect(office.receiver.requests).toHaveLength(state === 'sent' ? 1 : 0)
})

test('a person looks again at what was decided, and takes back what has not left (Art. 22(3))', async () => {
  await using office = await open()
  const { app, officer } = office
  const profileId = await app.profileOf('ada')
  const decisionOf = async (activation: string) => {
    const [row] = await app.sql<{ id: string }[]>`
      select decision_id as id from activation where id = ${activation}`
    return { profileId, id: row?.id ?? '' }
  }
  const allowed = await office.propose('ada')
  const review = await office.ask('automated_decision_review', {
    decision: await decisionOf(allowed),
  })
  await reviewDecision(officer, { id: review.id, verdict: 'confirmed' })
  expect(await office.activation(allowed)).toMatchObject({ state: 'approved' })
  await reviewDecision(officer, { id: review.id, verdict: 'overturned' })
  expect(await office.activation(allowed)).toMatchObject({
    state: 'recalled',
    error: 'review_overturned',
  })

  const refused = await office.propose('ada', { purpose: 'marketing.ads' })
  expect(await office.activation(refused)).toMatchObject({ state: 'refused' })
  const appeal = await office.ask('automated_decision_review', {
    decision: await decisionOf(refused),
  })
  await office.say('ada', 'granted', { purpose: 'marketing.ads' })
  await reviewDecision(officer, { id: appeal.id, verdict: 'overturned' })
  await office.decide()
  expect(await office.activation(refused)).toMatchObject({ state: 'approved' })
  await office.dispatch()
  expect(await office.activation(refused)).toMatchObject({ state: 'sent' })

  const late = await office.ask('automated_decision_review', {
    decision: await decisionOf(refused),
  })
  await reviewDecision(officer, { id: late.id, verdict: 'overturned' })
  const [, , last] = await historyOf(office, late.id)
  expect(last).toMatchObject({ act: 'reviewed', details: { became: 'too_late' } })
})

test('each act moves the standing of every profile of the person on, so that what was decided is decided again', async () => {
  await using office = await open()
  const { app, officer, clock } = office
  await app.send(identify('ada-before'), alias('ada', 'ada-before'))
  const activation = await office.propose('ada')
  const [decided] = await app.sql<{ profileId: string; id: string }[]>`
    select profile_id as "profileId", decision_id as id from activation where id = ${activation}`
  const versions = async () => {
    const rows = await app.sql<{ version: string }[]>`
      select version::text from legal_state order by profile_id`
    return rows.map(({ version }) => Number(version))
  }
  const restriction = await office.ask('restriction')
  const objection = await office.ask('objection', { purpose: 'analytics' })
  const review = await office.ask('automated_decision_review', { decision: decided })
  const proof = { level: 'verified', method: 'login' }
  const correction = await office.ask('rectification', { verification: proof })
  const acts = [
    () => restrictSubject(officer, restriction.id),
    () => liftRestriction(officer, { id: restriction.id, toldAt: clock.now() }),
    () => recordObjection(officer, objection.id),
    () =>
      takeBackObjection(officer, {
        id: objection.id,
        verification: { level: 'verified', method: 'login' },
      }),
    () => reviewDecision(officer, { id: review.id, verdict: 'overturned' }),
    () => rectifySubject(officer, { id: correction.id, traits: { plan: 'free' } }),
  ]
  await restrictSubject(officer, restriction.id)
  expect(await versions()).toHaveLength(2)
  for (const act of acts) {
    const before = await versions()
    await act()
    expect(await versions()).toEqual(before.map((version) => version + 1))
  }
})

test('a decision about somebody else is not reviewed (refused)', async () => {
  await using office = await open()
  const { app, officer } = office
  await app.send(identify('bob'))
  await office.say('bob', 'granted')
  const theirs = await office.propose('bob')
  const [row] = await app.sql<{ profileId: string; id: string }[]>`
    select profile_id as "profileId", decision_id as id from activation where id = ${theirs}`
  const { id } = await office.ask('automated_decision_review', { decision: row })
  await expect(reviewDecision(officer, { id, verdict: 'overturned' })).rejects.toMatchObject({
    code: 'not_found',
  })
  expect(await office.activation(theirs)).toMatchObject({ state: 'approved' })
})

test('an objection is taken back for its purpose by a person who is known, and grants nothing (Art. 21)', async () => {
  await using office = await open()
  const { app, officer, clock } = office
  const verification = { level: 'verified', method: 'email_link' }
  await app.send(identify('ada-before'), alias('ada', 'ada-before'))
  const { id } = await office.ask('objection', { purpose: 'marketing' })
  const takeBack = (more: object = {}) => takeBackObjection(officer, { id, verification, ...more })
  await expect(takeBack()).rejects.toMatchObject({ code: 'request_step_refused' })
  await recordObjection(officer, id)
  const same = await office.ask('objection', { purpose: 'marketing' })
  await recordObjection(officer, same.id)
  const narrower = await office.ask('objection', { purpose: 'marketing.ads' })
  await recordObjection(officer, narrower.id)
  const refused = await office.propose('ada')
  expect(await office.decisions(refused)).toMatchObject([{ reason: 'objected' }])

  const asserted = { verification: { level: 'asserted', method: 'login' } }
  await expect(takeBack(asserted)).rejects.toMatchObject({ code: 'bad_input' })
  const early = new Date(clock.now().getTime() + 1000)
  await expect(takeBack({ verifiedAt: early })).rejects.toMatchObject({ code: 'bad_input' })
  expect(await office.activation(await office.propose('ada'))).toMatchObject({ state: 'refused' })

  const verifiedAt = new Date(clock.now().getTime() - 1000)
  await takeBack({ verifiedAt })
  await office.say('ada', 'granted', { purpose: 'marketing' })
  expect(await office.activation(await office.propose('ada'))).toMatchObject({ state: 'approved' })
  const ads = await office.propose('ada', { purpose: 'marketing.ads' })
  expect(await office.decisions(ads)).toMatchObject([{ reason: 'objected' }])
  const details = {
    purpose: 'marketing',
    ...verification,
    verifiedBy: `principal:${officer.principal.id}`,
    verifiedAt: verifiedAt.toISOString(),
  }
  for (const each of [id, same.id]) {
    expect((await historyOf(office, each)).at(-1)).toEqual({ act: 'objection_taken_back', details })
  }
  const audited = await app.sql`
    select payload from audit_inbox where action = 'subject_request.objection_taken_back'`
  expect(audited).toMatchObject([{ payload: details }, { payload: details }])
  await expect(takeBack()).rejects.toMatchObject({ code: 'request_step_refused' })

  await office.say('ada', 'denied')
  const denied = await office.propose('ada')
  expect(await office.decisions(denied)).toMatchObject([{ reason: 'consent_denied' }])
})

test('what a person objected to and denied is still denied when they take the objection back (refused)', async () => {
  await using office = await open()
  const { officer, app } = office
  const verification = { level: 'verified', method: 'email_link' }
  await office.say('ada', 'denied')
  const { id } = await office.ask('objection', { purpose: 'marketing' })
  await recordObjection(officer, id)
  await takeBackObjection(officer, { id, verification })
  const denied = await office.propose('ada')
  expect(await office.decisions(denied)).toMatchObject([{ reason: 'consent_denied' }])
  const door = createDoorkeeper(app.board, app.policies)
  const { key } = await app.principal('app')
  const clerk = await door.admit(key)
  if (!clerk) throw new TypeError('the app was not admitted')
  await expect(takeBackObjection(clerk, { id, verification })).rejects.toMatchObject({
    code: 'forbidden',
  })
})

test('a decision from before an objection was taken back is made again to the same answer', async () => {
  await using office = await open()
  const { app, officer } = office
  const { id } = await office.ask('objection', { purpose: 'marketing' })
  await recordObjection(officer, id)
  const refused = await office.propose('ada')
  const verification = { level: 'strong', method: 'electronic_id' }
  await takeBackObjection(officer, { id, verification })
  const allowed = await office.propose('ada')
  const rows = await app.sql<{ profileId: string; id: string; activation: string }[]>`
    select profile_id as "profileId", id, activation_id as activation from decision order by id`
  const answers = []
  for (const key of rows) {
    const record = await findRecord(app.board, app.workspaceId, key)
    if (!record) throw new TypeError('the decision is gone')
    const { replay } = await replayDecision(app.board, app.workspaceId, record)
    answers.push([key.activation, record.outcome, replay.answer])
  }
  expect(answers).toEqual([
    [refused, 'refuse', 'same'],
    [allowed, 'allow', 'same'],
  ])
})
