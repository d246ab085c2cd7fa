import { expect, test } from 'vitest'
import { enqueueFollowUps } from '../../../../core/flow/followUp/enqueue.ts'
import { transact } from '../../../../blackboard/transact.ts'
import { bumpLegalStates } from '../../../../blackboard/query/bumpLegalStates.ts'
import { alias, identify, track } from '../../../support/app.ts'
import { openOutward, type Outward } from '../../../support/outward.ts'

interface Row {
  profileId: string
  kind: string
  purpose: string | null
  channel: string
  destination: string | null
  reason: string
  state: string
  activationIds: string[]
}

const followUps = ({ app: { sql } }: Outward) => sql<Row[]>`
  select profile_id as "profileId", kind, purpose, channel, destination, reason, state,
    activation_ids as "activationIds" from follow_up order by destination, id`

/** Granted, proposed and sent. */
async function sendTo(out: Outward, user: string, path = '/hook'): Promise<string> {
  await out.say(user, 'granted')
  const id = await out.propose(user, { destination: `${out.receiver.url}${path}` })
  await out.dispatch()
  expect(await out.activation(id)).toMatchObject({ state: 'sent' })
  return id
}

test('puts down one opt-out for each destination that was sent something', async () => {
  await using out = await openOutward()
  const first = await sendTo(out, 'ada', '/a')
  const second = await sendTo(out, 'ada', '/a')
  const third = await sendTo(out, 'ada', '/b')
  await sendTo(out, 'bob', '/c')
  await out.say('ada', 'withdrawn')
  const profileId = await out.app.profileOf('ada')
  const optOut = {
    profileId,
    kind: 'opt_out',
    purpose: 'marketing.promotion',
    channel: 'webhook',
    reason: 'consent_withdrawn',
    state: 'pending',
  }
  expect(await followUps(out)).toEqual([
    { ...optOut, destination: `${out.receiver.url}/a`, activationIds: [second, first] },
    { ...optOut, destination: `${out.receiver.url}/b`, activationIds: [third] },
  ])
})

test('follows up nothing where nothing was sent, or for another purpose or channel', async () => {
  await using out = await openOutward()
  await out.say('ada', 'granted')
  await out.propose('ada')
  await out.say('ada', 'withdrawn')
  expect(await followUps(out)).toEqual([])
  await sendTo(out, 'ada')
  await out.say('ada', 'withdrawn', { purpose: 'analytics' })
  await out.say('ada', 'withdrawn', { channel: 'email' })
  await out.say('ada', 'granted')
  expect(await followUps(out)).toEqual([])
})

test('follows up a child of the purpose that was refused', async () => {
  await using out = await openOutward()
  await sendTo(out, 'ada')
  await out.say('ada', 'withdrawn', { purpose: 'marketing', channel: '*' })
  expect(await followUps(out)).toMatchObject([{ purpose: 'marketing', channel: 'webhook' }])
})

test('an older word that came late does not opt out whoever has agreed since', async () => {
  await using out = await openOutward()
  await sendTo(out, 'ada')
  await out.say('ada', 'withdrawn', { collectedAt: new Date(out.clock.now().getTime() - 60_000) })
  expect(await followUps(out)).toEqual([])
})

test('two words before anybody was told make one follow-up, with the later one', async () => {
  await using out = await openOutward()
  await sendTo(out, 'ada')
  await out.say('ada', 'withdrawn')
  await out.say('ada', 'denied')
  expect(await followUps(out)).toMatchObject([{ reason: 'consent_denied' }])
})

test('what a client says in an event is followed up as well', async () => {
  await using out = await openOutward()
  await sendTo(out, 'ada')
  out.clock.advance(1)
  const purposes = [{ Id: 'marketing.promotion', TransactionType: 'WITHDRAWN' }]
  const receipt = { dialect: 'onetrust' as const, body: { purposes } }
  await out.app.send(track('ada', 'Consent Receipt', {}, { receipt }))
  expect(await followUps(out)).toMatchObject([{ kind: 'opt_out', reason: 'consent_withdrawn' }])
})

test('Global Privacy Control is followed up for the purpose that it refuses', async () => {
  await using out = await openOutward()
  await out.say('ada', 'granted', { purpose: 'marketing.ads' })
  await out.propose('ada', { purpose: 'marketing.ads' })
  await out.dispatch()
  expect(out.receiver.requests).toHaveLength(1)
  await out.app.send(track('ada', 'Page', {}, { gpc: true }))
  expect(await followUps(out)).toMatchObject([{ reason: 'gpc_opt_out', purpose: 'marketing.ads' }])
})

test('names the profile that the receiver was told, whoever counts as the person since', async () => {
  await using out = await openOutward()
  await out.app.send(identify('old'))
  out.clock.advance(1)
  await sendTo(out, 'ada')
  const told = await out.app.profileOf('ada')
  await out.app.send(alias('ada', 'old'))
  expect(await out.app.profileOf('ada')).not.toBe(told)
  await out.say('ada', 'withdrawn')
  expect(await followUps(out)).toMatchObject([{ profileId: told }])
})

test('covers what may have arrived although it was never recorded as sent', async () => {
  await using out = await openOutward({ answer: () => 503 })
  await out.say('ada', 'granted')
  const id = await out.propose('ada')
  await out.dispatch()
  expect(await out.activation(id)).toMatchObject({ state: 'approved', attempts: 1 })
  await out.say('ada', 'withdrawn')
  expect(await out.activation(id)).toMatchObject({ state: 'recalled' })
  expect(await followUps(out)).toMatchObject([{ activationIds: [id] }])
})

test('does not cover what never left', async () => {
  await using out = await openOutward({ allowPrivate: false })
  await out.say('ada', 'granted')
  const id = await out.propose('ada')
  await out.dispatch()
  expect(await out.activation(id)).toMatchObject({ state: 'failed' })
  await out.say('ada', 'withdrawn')
  expect(await followUps(out)).toEqual([])
})

test('a merge tells those who were sent something of what the other had refused, once', async () => {
  await using out = await openOutward()
  await sendTo(out, 'ada', '/ada')
  await sendTo(out, 'bob', '/bob')
  await out.say('bob', 'withdrawn', { purpose: 'marketing', channel: '*' })
  const [ada, bob] = [await out.app.profileOf('ada'), await out.app.profileOf('bob')]
  const before = await followUps(out)
  expect(before).toMatchObject([{ profileId: bob, destination: `${out.receiver.url}/bob` }])
  out.clock.advance(1)
  await out.app.send(alias('ada', 'bob'))
  const after = await followUps(out)
  expect(after).toEqual([
    {
      profileId: ada,
      kind: 'opt_out',
      purpose: 'marketing.promotion',
      channel: 'webhook',
      destination: `${out.receiver.url}/ada`,
      reason: 'consent_withdrawn',
      state: 'pending',
      activationIds: [expect.any(String)],
    },
    ...before,
  ])
  const audited = await out.app.sql`
    select from audit_inbox where action = 'follow_up.enqueue' and object = ${`profile:${ada}`}`
  expect(audited).toHaveLength(1)
  // Neither the same link again nor another profile of the person, who was sent nothing, tells anybody anew.
  await out.app.send(alias('ada', 'bob'), identify('eve'))
  await out.app.send(alias('eve', 'bob'))
  expect(await followUps(out)).toEqual(after)
})

test('an objection and a restriction of the other are told likewise', async () => {
  await using out = await openOutward()
  await sendTo(out, 'ada', '/ada')
  await out.app.send(identify('bob'), identify('eve'))
  const [bob, eve] = [await out.app.profileOf('bob'), await out.app.profileOf('eve')]
  await out.app.sql`
    insert into legal_state (workspace_id, profile_id, objections, restricted, updated_at)
    values (${out.app.workspaceId}, ${bob}, '{marketing}', false, now()),
      (${out.app.workspaceId}, ${eve}, '{}', true, now())
    on conflict (workspace_id, profile_id) do update
    set objections = excluded.objections, restricted = excluded.restricted`
  out.clock.advance(1)
  await out.app.send(alias('ada', 'bob'))
  expect(await followUps(out)).toMatchObject([{ kind: 'opt_out', reason: 'objected' }])
  await out.app.send(alias('ada', 'eve'))
  expect(await followUps(out)).toMatchObject([
    { kind: 'opt_out', reason: 'objected' },
    { kind: 'restriction', reason: 'restricted' },
  ])
})

test('a merge tells nobody where the other refused something else, had agreed again, or never was sent anything', async () => {
  await using out = await openOutward()
  await sendTo(out, 'ada', '/ada')
  await out.say('bob', 'withdrawn', { purpose: 'analytics', channel: '*' })
  await out.say('bob', 'withdrawn', { channel: 'email' })
  await out.say('bob', 'withdrawn')
  await out.say('bob', 'granted')
  out.clock.advance(1)
  await out.app.send(alias('ada', 'bob'), identify('eve'))
  await out.say('joe', 'denied')
  await out.app.send(alias('eve', 'joe'))
  expect(await followUps(out)).toEqual([])
})

test('a merge tells nobody twice of what both had refused', async () => {
  await using out = await openOutward()
  await sendTo(out, 'ada', '/ada')
  await out.say('ada', 'withdrawn')
  await out.say('bob', 'withdrawn')
  const before = await followUps(out)
  expect(before).toHaveLength(1)
  out.clock.advance(1)
  await out.app.send(alias('ada', 'bob'))
  expect(await followUps(out)).toEqual(before)
})

test('outlives the activations that an erasure deletes', async () => {
  await using out = await openOutward()
  const id = await sendTo(out, 'ada')
  const profileId = await out.app.profileOf('ada')
  const { db, workspaceId, board } = out.app
  const at = out.clock.now()
  await transact(db, async (tx) => {
    const ids = JSON.stringify([profileId])
    await bumpLegalStates(tx, { workspaceId, ids, at: at.toISOString() })
    await enqueueFollowUps(tx, board, {
      workspaceId,
      at,
      profileIds: [profileId],
      kind: 'erasure',
      purpose: null,
      channel: '*',
      reason: 'erasure_requested',
    })
    await tx`delete from activation`
  })
  expect(await followUps(out)).toMatchObject([
    { profileId, kind: 'erasure', purpose: null, activationIds: [id] },
  ])
})
