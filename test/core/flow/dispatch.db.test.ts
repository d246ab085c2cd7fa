import { expect, test } from 'vitest'
import { activatePolicy } from '../../support/activatePolicy.ts'
import { beatWorker } from '../../../blackboard/query/beatWorker.ts'
import { sweepWorkers } from '../../../blackboard/query/sweepWorkers.ts'
import { shippedPolicy } from '../../../policies/shipped.ts'
import { alias, identify, openTestApp, track } from '../../support/app.ts'
import { hold } from '../../support/hold.ts'
import { openOutward } from '../../support/outward.ts'
import { openReceiver } from '../../support/receiver.ts'

const { document: shipped } = shippedPolicy()

test('sends once what stands, with the permitted fields only', async () => {
  await using out = await openOutward()
  await out.app.send(identify('ada', { plan: 'pro', email: 'ada@example.org' }))
  await out.say('ada', 'granted')
  await out.say('ada', 'granted', { purpose: 'analytics' })
  const content = { offer: 'tea' }
  const id = await out.propose('ada', { content, fields: ['plan', 'email'] })
  const analytic = await out.propose('ada', { purpose: 'analytics', fields: ['plan', 'email'] })
  await out.dispatch()
  await out.dispatch()
  expect(await out.activation(id)).toMatchObject({ state: 'sent', attempts: 1, leaseOwner: null })
  expect(out.receiver.keys().toSorted()).toEqual([id, analytic].toSorted())
  const bodyOf = (key: string) => out.receiver.requests.find((request) => request.key === key)?.body
  expect(bodyOf(id)).toMatchObject({ content, fields: { plan: 'pro', email: 'ada@example.org' } })
  expect(bodyOf(analytic)?.fields).toEqual({ plan: 'pro' })
})

test('leaves out a field that was removed since', async () => {
  await using out = await openOutward()
  await out.app.send(
    identify('ada', { plan: 'pro', email: 'ada@example.org', phone: '+4912345678' }),
  )
  await out.say('ada', 'granted')
  const id = await out.propose('ada', { fields: ['plan', 'email', 'phone'] })
  await out.app.send(identify('ada', { email: null, plan: null }))
  await out.dispatch()
  expect(await out.activation(id)).toMatchObject({ state: 'sent' })
  expect(out.receiver.requests[0]?.body.fields).toEqual({ phone: '+4912345678' })
})

test('recalls what was approved before a withdrawal, and sends the rest', async () => {
  await using out = await openOutward()
  await out.say('ada', 'granted')
  await out.say('bob', 'granted')
  const withdrawn = await out.propose('ada')
  const standing = await out.propose('bob')
  expect(await out.say('ada', 'withdrawn')).toMatchObject({ recalled: 1 })
  await out.dispatch()
  expect(await out.activation(withdrawn)).toMatchObject({
    state: 'recalled',
    error: 'consent_withdrawn',
  })
  expect(await out.activation(standing)).toMatchObject({ state: 'sent' })
  expect(out.receiver.keys()).toEqual([standing])
})

test('stops for a withdrawal of either member of merged profiles', async () => {
  await using out = await openOutward()
  for (const name of ['a', 'b', 'c']) await out.say(name, 'granted')
  const ids = { a: await out.propose('a'), b: await out.propose('b'), c: await out.propose('c') }
  await out.app.send(alias('a', 'b'))
  await out.say('b', 'withdrawn')
  await out.dispatch()
  expect(await out.activation(ids.a)).toMatchObject({ state: 'recalled' })
  expect(await out.activation(ids.b)).toMatchObject({ state: 'recalled' })
  expect(out.receiver.keys()).toEqual([ids.c])
})

test('decides again when a merge brings in a withdrawal after the plan', async () => {
  await using out = await openOutward()
  await out.say('ada', 'granted')
  const id = await out.propose('ada')
  await out.say('countess', 'withdrawn')
  await out.app.send(alias('ada', 'countess'))
  await out.dispatch()
  expect(await out.activation(id)).toMatchObject({ state: 'recalled', error: 'consent_withdrawn' })
  expect(await out.decisions(id)).toMatchObject([
    { kind: 'plan', outcome: 'allow' },
    { kind: 'dispatch', outcome: 'refuse' },
  ])
  expect(out.receiver.requests).toEqual([])
})

test('does not send for a person who was erased after the plan', async () => {
  await using out = await openOutward()
  await out.say('ada', 'granted')
  const id = await out.propose('ada')
  await out.app.sql`update legal_state set erased_at = now(), version = version + 1`
  await out.dispatch()
  expect(await out.activation(id)).toMatchObject({ state: 'recalled', error: 'erased' })
  expect(out.receiver.requests).toEqual([])
})

test('holds while an agent asks for it, then asks the gate again and sends', async () => {
  await using out = await openOutward()
  await out.say('ada', 'granted')
  const id = await out.propose('ada')
  await hold(out, 'ada', true)
  await out.dispatch()
  expect(await out.activation(id)).toMatchObject({ state: 'held', error: 'complaint' })
  await hold(out, 'ada', false)
  expect(await out.activation(id)).toMatchObject({ state: 'proposed' })
  await out.decide()
  await out.dispatch()
  expect(await out.activation(id)).toMatchObject({ state: 'sent', error: null })
  expect(out.receiver.keys()).toEqual([id])
})

test('does not send what was held when consent went meanwhile', async () => {
  await using out = await openOutward()
  await out.say('ada', 'granted')
  await hold(out, 'ada', true)
  const id = await out.propose('ada')
  expect(await out.activation(id)).toMatchObject({ state: 'held' })
  await out.say('ada', 'withdrawn')
  await hold(out, 'ada', false)
  await out.decide()
  await out.dispatch()
  expect(await out.activation(id)).toMatchObject({ state: 'recalled' })
  expect(out.receiver.requests).toEqual([])
})

test('frees what is held on any member of a merged person', async () => {
  await using out = await openOutward()
  await out.say('ada', 'granted')
  await out.say('countess', 'granted')
  await hold(out, 'countess', true)
  const id = await out.propose('countess')
  await out.app.send(alias('ada', 'countess'))
  await hold(out, 'ada', true)
  await hold(out, 'ada', false)
  expect(await out.activation(id)).toMatchObject({ state: 'proposed' })
})

test('keeps a complaint and marketing apart through the whole flow', async () => {
  await using receiver = await openReceiver()
  await using app = await openTestApp()
  await app.install('support-shield', 'plugins')
  const { createActions } = await import('../../../core/actions.ts')
  const { createDoorkeeper } = await import('../../../core/read/authenticate.ts')
  const reader = await createDoorkeeper(app.board, app.policies).admit((await app.principal()).key)
  if (!reader) throw new TypeError('the principal was not admitted')
  const actions = createActions(app)
  const subject = { namespace: 'user_id', value: 'ada' }
  const [purpose, channel] = ['marketing.promotion', 'webhook']
  await actions.recordConsent(reader, {
    subject,
    purpose,
    channel,
    decision: 'granted',
    basis: 'consent',
    proof: {},
  })
  await app.send(track('ada', 'Complaint Opened', { complaintId: '1' }))
  await app.idle()
  const proposal = { purpose, channel, destination: receiver.url, content: {}, fields: [] }
  const { id } = await actions.propose(reader, { subject, proposal })
  await app.idle()
  const state = () => app.sql`select state from activation where id = ${id}`
  expect(await state()).toEqual([{ state: 'held' }])
  await app.send(track('ada', 'Complaint Closed', { complaintId: '1' }))
  await app.idle()
  expect(await state()).toEqual([{ state: 'sent' }])
  expect(receiver.keys()).toEqual([id])
  expect(await app.metrics.registry.metrics()).toMatch(
    /reactions_total\{result="committed"\} [1-9]/,
  )
})

test('decides by the policy in force at dispatch, not by the one of the plan', async () => {
  await using out = await openOutward()
  await out.say('ada', 'granted')
  const recalled = await out.propose('ada')
  const rules = shipped.rules.filter(({ id }) => id !== 'consented-activations-leave')
  await activatePolicy(out.app, { ...shipped, rules }, 2)
  await out.dispatch()
  expect(await out.activation(recalled)).toMatchObject({
    state: 'recalled',
    error: 'policy_refused',
  })
  expect(await out.decisions(recalled)).toMatchObject([{ policyNumber: 1 }, { policyNumber: 2 }])
  await activatePolicy(out.app, shipped, 3)
  out.app.board.signals.send('policy')
  const sent = await out.propose('ada')
  await activatePolicy(out.app, { ...shipped, title: 'The same again' }, 4)
  await out.dispatch()
  expect(await out.activation(sent)).toMatchObject({ state: 'sent' })
  expect(await out.decisions(sent)).toMatchObject([
    { kind: 'plan', policyNumber: 3 },
    { kind: 'dispatch', outcome: 'allow', policyNumber: 4 },
  ])
})

test('does not decide again what nothing changed about', async () => {
  await using out = await openOutward()
  await out.say('ada', 'granted')
  const id = await out.propose('ada')
  await out.dispatch()
  expect(await out.decisions(id)).toMatchObject([{ kind: 'plan' }])
  const late = await out.propose('ada')
  out.clock.advance(10 * 60_000)
  await out.dispatch()
  expect(await out.decisions(late)).toMatchObject([{ kind: 'plan' }, { kind: 'dispatch' }])
})

test('sends nothing twice with several dispatchers at once', async () => {
  await using out = await openOutward()
  const users = Array.from({ length: 60 }, (_, n) => `user-${n}`)
  await out.app.send(...users.map((user) => identify(user)))
  for (const user of users) await out.say(user, 'granted')
  const ids = await Promise.all(users.map((user) => out.propose(user)))
  const others = await Promise.all([out.another(), out.another(), out.another()])
  await Promise.all(others.map((deps) => out.dispatch(deps)))
  while ((await out.dispatch()) > 0);
  expect(out.receiver.keys().toSorted()).toEqual(ids.toSorted())
})

test('sends again under the same key what a killed worker was sending', async () => {
  let answerFirst = (): void => undefined
  await using out = await openOutward({
    answer: (_, response) => {
      if (out.receiver.requests.length > 1) return 200
      answerFirst = () => response.writeHead(200).end()
      return undefined
    },
  })
  await out.say('ada', 'granted')
  const id = await out.propose('ada')
  const killed = await out.another()
  const dying = out.dispatch(killed)
  await expect.poll(() => out.receiver.keys()).toEqual([id])
  expect(await out.activation(id)).toMatchObject({ leaseOwner: killed.owner })
  await out.dispatch()
  expect(out.receiver.keys()).toEqual([id])
  await beatWorker(out.app.sql, { id: killed.owner, leaseMs: -1 })
  await sweepWorkers(out.app.sql, { owner: '', leaving: '' })
  await out.dispatch()
  expect(out.receiver.keys()).toEqual([id, id])
  expect(await out.activation(id)).toMatchObject({ state: 'sent', attempts: 2 })
  answerFirst()
  await dying
  expect(await out.activation(id)).toMatchObject({ state: 'sent', attempts: 2 })
})

test('frees a dispatch whose worker nobody knows, and leaves that of a living one', async () => {
  await using out = await openOutward()
  await out.say('ada', 'granted')
  const living = await out.another()
  const [orphan, kept] = [await out.propose('ada'), await out.propose('ada')]
  const { sql } = out.app
  await sql`update activation set state = 'dispatching', lease_owner = 'gone' where id = ${orphan}`
  await sql`
    update activation set state = 'dispatching', lease_owner = ${living.owner} where id = ${kept}`
  await sweepWorkers(sql, { owner: '', leaving: '' })
  expect(await out.activation(orphan)).toMatchObject({ state: 'approved', leaseOwner: null })
  expect(await out.activation(kept)).toMatchObject({ state: 'dispatching' })
})

test('tries an unreachable webhook again with back-off under one key, then fails with a code', async () => {
  await using out = await openOutward({ answer: () => 503 })
  await out.say('ada', 'granted')
  const id = await out.propose('ada')
  const waits: number[] = []
  for (let round = 0; round < 40; round += 1) {
    await out.dispatch()
    const { state, dueAt } = await out.activation(id)
    if (state === 'failed') break
    waits.push(dueAt.getTime() - out.clock.now().getTime())
    out.clock.advance(Math.max(1, waits.at(-1) ?? 1))
  }
  expect(await out.activation(id)).toMatchObject({
    state: 'failed',
    error: 'http_503',
    attempts: 10,
  })
  expect(out.receiver.keys()).toEqual(Array.from({ length: 10 }, () => id))
  expect(waits.slice(0, 4)).toEqual([1000, 2000, 4000, 8000])
})

test('fails at once what the receiver refuses', async () => {
  await using out = await openOutward({ answer: () => 410 })
  await out.say('ada', 'granted')
  const id = await out.propose('ada')
  await out.dispatch()
  expect(await out.activation(id)).toMatchObject({
    state: 'failed',
    error: 'http_410',
    attempts: 1,
  })
  const metrics = await out.app.metrics.registry.metrics()
  expect(metrics).toContain('slateboard_activations_total{state="failed",reason="http_4xx"} 1')
  expect(metrics).toContain('slateboard_deliveries_total{channel="webhook",result="failed"} 1')
  expect(metrics).toContain('slateboard_decisions_total{kind="plan",outcome="allow"} 1')
  expect(metrics).toContain('slateboard_events_total{status="accepted"} 1')
})

test('leaves a dead destination alone, and only that; then one asks whether it is back', async () => {
  let isDead = true
  await using out = await openOutward({ answer: () => (isDead ? 500 : 200) })
  await using healthy = await openReceiver()
  await out.say('ada', 'granted')
  for (let n = 0; n < 5; n += 1) await out.propose('ada')
  await out.dispatch()
  expect(out.receiver.requests).toHaveLength(5)
  const waiting = [await out.propose('ada'), await out.propose('ada')]
  const fine = await out.propose('ada', { destination: healthy.url })
  await out.dispatch()
  expect(healthy.keys()).toEqual([fine])
  expect(out.receiver.requests).toHaveLength(5)
  const [first = ''] = waiting
  const openMs = (await out.activation(first)).dueAt.getTime() - out.clock.now().getTime()
  expect(openMs).toBe(30_000)
  isDead = false
  out.clock.advance(openMs)
  await out.dispatch()
  expect(out.receiver.requests).toHaveLength(6)
  out.clock.advance(1000)
  await out.dispatch()
  expect(out.receiver.requests).toHaveLength(12)
  expect(await out.app.sql`select * from circuit`).toEqual([])
})

test('leaves a destination alone again when it is still dead', async () => {
  await using out = await openOutward({ answer: () => 500 })
  await out.say('ada', 'granted')
  for (let n = 0; n < 5; n += 1) await out.propose('ada')
  await out.dispatch()
  out.clock.advance(30_000)
  await out.dispatch()
  out.clock.advance(1000)
  await out.dispatch()
  expect(out.receiver.requests).toHaveLength(6)
})
