import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import type { PolicyLimit } from '../../../core/model/policyLimit.ts'
import { shippedPolicy } from '../../../policies/shipped.ts'
import { activatePolicy } from '../../support/activatePolicy.ts'
import { identify } from '../../support/app.ts'
import { openMailbox } from '../../support/mailbox.ts'
import { openOutward, type Outward } from '../../support/outward.ts'

const { document: shipped } = shippedPolicy()
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

let version = 1

async function limit(out: Outward, more: Partial<PolicyLimit>): Promise<void> {
  version += 1
  const one = {
    id: 'some',
    sentence: 'Something is limited.',
    purposes: ['*'],
    channels: ['webhook'],
    ...more,
  }
  await activatePolicy(out.app, { ...shipped, limits: [one] }, version)
  out.app.board.signals.send('policy')
}

/** Hours that hold at the clock's time and end an hour later. */
function quietNow({ clock }: Outward) {
  const hour = (add: number) =>
    new Date(clock.now().getTime() + add * 3_600_000).toISOString().slice(11, 14)
  return { from: `${hour(-1)}00`, to: `${hour(1)}00`, timezone: 'UTC', timezoneTrait: 'timezone' }
}

test('what falls in quiet hours waits until they end, and leaves then', async () => {
  await using out = await openOutward()
  await limit(out, { quietHours: quietNow(out) })
  await out.say('ada', 'granted')
  const id = await out.propose('ada')
  const { state, dueAt } = await out.activation(id)
  expect(state).toBe('approved')
  expect(dueAt.getTime()).toBeGreaterThan(out.clock.now().getTime())
  expect(dueAt.toISOString()).toMatch(/:00:00\.000Z$/)
  expect(await out.dispatch()).toBe(0)
  expect(out.receiver.keys()).toEqual([])
  out.clock.advance(dueAt.getTime() - out.clock.now().getTime())
  await out.dispatch()
  expect(out.receiver.keys()).toEqual([id])
})

test('who is awake elsewhere gets it at once', async () => {
  await using out = await openOutward()
  await limit(out, { quietHours: quietNow(out) })
  // Half a day away, whatever the hour of this test.
  await out.app.send(identify('ada', { timezone: 'Etc/GMT+12' }))
  await out.say('ada', 'granted')
  const id = await out.propose('ada')
  await out.dispatch()
  expect(out.receiver.keys()).toEqual([id])
})

test('hours that begin between plan and dispatch put off as well, with a decision that says so', async () => {
  await using out = await openOutward()
  await out.say('ada', 'granted')
  const id = await out.propose('ada')
  await limit(out, { quietHours: quietNow(out) })
  await out.dispatch()
  expect(out.receiver.keys()).toEqual([])
  expect(await out.activation(id)).toMatchObject({ state: 'approved', attempts: 0 })
  expect(await out.decisions(id)).toMatchObject([
    { kind: 'plan' },
    { kind: 'dispatch', outcome: 'allow' },
  ])
  await limit(out, { riskAbove: 1 })
  out.clock.advance(3_600_000)
  await out.dispatch()
  expect(out.receiver.keys()).toEqual([id])
})

test('what is to be hashed leaves as SHA-256 of its normal form, and the rest as it is', async () => {
  await using out = await openOutward()
  await limit(out, { hash: ['class:contact'] })
  await out.app.send(
    identify('ada', { plan: 'pro', email: ' Ada@Example.ORG ', phone: '+49 123 456-78' }),
  )
  await out.say('ada', 'granted')
  await out.propose('ada', { fields: ['plan', 'email', 'phone'] })
  await out.dispatch()
  expect(out.receiver.requests[0]?.body.fields).toEqual({
    plan: 'pro',
    email: sha256('ada@example.org'),
    phone: sha256('+4912345678'),
  })
})

test('what is too old stays, and is sent once it was written anew', async () => {
  await using out = await openOutward()
  await limit(out, { maxAgeDays: 1 })
  await out.app.send(identify('ada', { plan: 'pro', city: 'Paris' }))
  await out.say('ada', 'granted')
  await out.app.sql`
    update profile set provenance = jsonb_set(provenance, '{plan,writtenAt}',
      to_jsonb('2020-01-01T00:00:00.000Z'::text))`
  const fields = ['plan', 'city']
  await out.propose('ada', { fields })
  await out.dispatch()
  expect(out.receiver.requests[0]?.body.fields).toEqual({ city: 'Paris' })
  const needed = await out.propose('ada', { fields, requires: ['plan'] })
  expect(await out.activation(needed)).toMatchObject({
    state: 'refused',
    error: 'required_field_masked',
  })
  await out.app.send(identify('ada', { plan: 'basic' }))
  await out.propose('ada', { fields, requires: ['plan'] })
  await out.dispatch()
  expect(out.receiver.requests[1]?.body.fields).toEqual({ plan: 'basic', city: 'Paris' })
})

test('with the shipped limits five marketing emails go in a week, and the sixth does not', async () => {
  await using mailbox = await openMailbox()
  await using out = await openOutward({ smtpUrl: mailbox.url })
  await out.app.send(identify('ada', { email: 'ada@example.org' }))
  await out.say('ada', 'granted', { channel: 'email' })
  const states = []
  for (let nth = 0; nth < 6; nth += 1) {
    const content = { subject: 'Tea', text: 'Tea.' }
    const id = await out.propose('ada', { channel: 'email', destination: null, content })
    await out.dispatch()
    states.push((await out.activation(id)).state)
  }
  expect(states).toEqual(['sent', 'sent', 'sent', 'sent', 'sent', 'refused'])
})
