import type { ServerResponse } from 'node:http'
import { expect, test } from 'vitest'
import { beatWorker } from '../../../../blackboard/query/beatWorker.ts'
import { bumpLegalStates } from '../../../../blackboard/query/bumpLegalStates.ts'
import { sweepWorkers } from '../../../../blackboard/query/sweepWorkers.ts'
import { transact } from '../../../../blackboard/transact.ts'
import { createChannels } from '../../../../core/flow/channel/channel.ts'
import { enqueueFollowUps } from '../../../../core/flow/followUp/enqueue.ts'
import { identify } from '../../../support/app.ts'
import { openMailbox } from '../../../support/mailbox.ts'
import { openOutward, type Outward } from '../../../support/outward.ts'
import { openReceiver, type Received } from '../../../support/receiver.ts'

interface Row {
  id: string
  state: string
  attempts: number
  error: string | null
  dueAt: Date
}

const followUps = ({ app: { sql } }: Outward) => sql<Row[]>`
  select id, state, attempts, last_error as error, due_at as "dueAt" from follow_up order by id`

/** What came at the receiver about follow-ups. */
const told = ({ receiver }: Outward) =>
  receiver.requests.filter(({ body }) => !('activation' in body))

/** Granted and sent, then withdrawn. */
async function optOut(out: Outward, user: string, changes: object = {}): Promise<string> {
  await out.say(user, 'granted', { channel: '*' })
  const id = await out.propose(user, changes)
  await out.dispatch()
  await out.say(user, 'withdrawn', { channel: '*' })
  return id
}

const isFollowUp = ({ body }: Received): boolean => !('activation' in body)

test('tells a destination that the person opted out, once, and keeps that it answered', async () => {
  await using out = await openOutward()
  const activation = await optOut(out, 'ada')
  const at = out.clock.now()
  await out.follow()
  await out.follow()
  const [row] = await followUps(out)
  expect(row).toMatchObject({ state: 'acknowledged', attempts: 1 })
  expect(told(out)).toEqual([
    {
      path: '/hook',
      method: 'POST',
      key: row?.id,
      body: {
        type: 'opt_out',
        id: row?.id,
        profile: await out.app.profileOf('ada'),
        purpose: 'marketing.promotion',
        channel: 'webhook',
        at: at.toISOString(),
        activations: [activation],
      },
    },
  ])
})

test('keeps in the audit log what was put down, tried and acknowledged', async () => {
  let status = 503
  await using out = await openOutward({ answer: (got) => (isFollowUp(got) ? status : 200) })
  await optOut(out, 'ada')
  await out.follow()
  status = 204
  out.clock.advance(1000)
  await out.follow()
  const entries = await out.app.sql`
    select action, payload ->> 'reason' as reason from audit_inbox
    where action like 'follow_up.%' order by id`
  expect(entries).toEqual([
    { action: 'follow_up.enqueue', reason: 'consent_withdrawn' },
    { action: 'follow_up.retry', reason: 'http_503' },
    { action: 'follow_up.acknowledged', reason: null },
  ])
})

test('tries again with back-off under one key, and raises the alarm when it is overdue', async () => {
  await using out = await openOutward({ answer: (got) => (isFollowUp(got) ? 404 : 200) })
  await optOut(out, 'ada')
  const waits: number[] = []
  for (let round = 0; round < 5; round += 1) {
    await out.follow()
    const [row] = await followUps(out)
    waits.push((row?.dueAt.getTime() ?? 0) - out.clock.now().getTime())
    out.clock.advance(waits.at(-1) ?? 0)
  }
  expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000])
  expect(new Set(told(out).map(({ key }) => key)).size).toBe(1)
  expect(await followUps(out)).toMatchObject([{ state: 'pending', attempts: 5, error: 'http_404' }])
  const metrics = await out.app.metrics.registry.metrics()
  expect(metrics).toContain('slateboard_follow_ups_overdue 1')
  expect(metrics).toContain(
    'slateboard_follow_ups_total{kind="opt_out",channel="webhook",result="failed"} 5',
  )
})

test('goes out for a person who is restricted, denied or erased: the law asks for it, not consent', async () => {
  await using out = await openOutward()
  await out.say('ada', 'granted')
  await out.propose('ada')
  await out.dispatch()
  const profileId = await out.app.profileOf('ada')
  const { db, workspaceId, board } = out.app
  const at = out.clock.now()
  await transact(db, async (tx) => {
    const ids = JSON.stringify([profileId])
    await bumpLegalStates(tx, { workspaceId, ids, at: at.toISOString() })
    const act = { kind: 'erasure' as const, purpose: null, channel: '*', reason: 'erasure' }
    await enqueueFollowUps(tx, board, { workspaceId, at, profileIds: [profileId], ...act })
    await tx`update legal_state set erased_at = now(), restricted = true`
    await tx`delete from activation`
    await tx`delete from vault`
    await tx`delete from profile_key`
  })
  await out.follow()
  expect(told(out)).toMatchObject([
    { body: { type: 'erasure', profile: profileId, purpose: null } },
  ])
})

test('says honestly that a mail cannot be followed up', async () => {
  await using mailbox = await openMailbox()
  await using out = await openOutward({ smtpUrl: mailbox.url })
  await out.app.send(identify('ada', { email: 'ada@example.org' }))
  await out.say('ada', 'granted', { channel: '*' })
  const id = await out.propose('ada', { channel: 'email', destination: null })
  await out.dispatch()
  expect(await out.activation(id)).toMatchObject({ state: 'sent' })
  await out.say('ada', 'withdrawn', { channel: '*' })
  await out.follow()
  expect(await followUps(out)).toMatchObject([{ state: 'not_supported' }])
  expect(mailbox.mails).toHaveLength(1)
})

test('refuses private destinations as activations do, and gives up on them', async () => {
  await using out = await openOutward()
  await optOut(out, 'ada')
  const email = { smtpUrl: null, from: 'x@example.org' }
  await using channels = createChannels({ webhook: { allowPrivate: false }, email }, out.app.board)
  await out.follow({ ...out.deps, channels })
  expect(await followUps(out)).toMatchObject([{ state: 'failed', error: 'destination_not_https' }])
  expect(told(out)).toEqual([])
})

test('waits for what is on its way to the same place, and goes right after it', async () => {
  let answer = (): void => undefined
  await using out = await openOutward({
    answer: (got, response: ServerResponse) => {
      if (isFollowUp(got)) return 200
      answer = () => response.writeHead(200).end()
      return undefined
    },
  })
  await out.say('ada', 'granted')
  const id = await out.propose('ada')
  const sending = out.dispatch()
  await expect.poll(() => out.receiver.keys()).toEqual([id])
  await out.say('ada', 'withdrawn')
  expect(await out.follow(await out.another())).toBe(0)
  answer()
  await sending
  await out.follow()
  expect(out.receiver.requests.map(isFollowUp)).toEqual([false, true])
})

test('goes again when it went before what it follows', async () => {
  let answer = (): void => undefined
  await using out = await openOutward({
    answer: (got, response: ServerResponse) => {
      if (isFollowUp(got)) return 200
      answer = () => response.writeHead(200).end()
      return undefined
    },
  })
  await out.say('ada', 'granted')
  const id = await out.propose('ada')
  const sending = out.dispatch()
  await expect.poll(() => out.receiver.keys()).toEqual([id])
  await out.say('ada', 'withdrawn')
  // Longer than any delivery should take.
  out.clock.advance(10_000)
  await out.follow(await out.another())
  answer()
  await sending
  await out.follow()
  expect(out.receiver.requests.map(isFollowUp)).toEqual([false, true, true])
  expect(new Set(told(out).map(({ key }) => key)).size).toBe(2)
})

test('a word that comes while the one before is being told is told as well', async () => {
  let isDown = true
  await using out = await openOutward({
    answer: (got) => (isFollowUp(got) && isDown ? 503 : 200),
  })
  await optOut(out, 'ada')
  await out.follow()
  await out.say('ada', 'granted', { channel: '*' })
  await out.say('ada', 'withdrawn', { channel: '*' })
  isDown = false
  out.clock.advance(60_000)
  await out.follow()
  expect(await followUps(out)).toMatchObject([{ state: 'acknowledged' }, { state: 'acknowledged' }])
})

test('is passed on once by several workers, and again by another when one dies', async () => {
  let answer = (): void => undefined
  await using out = await openOutward({
    answer: (got, response: ServerResponse) => {
      if (!isFollowUp(got) || told(out).length > 1) return 200
      answer = () => response.writeHead(200).end()
      return undefined
    },
  })
  await optOut(out, 'ada')
  const killed = await out.another()
  const dying = out.follow(killed)
  await expect.poll(() => told(out).length).toBe(1)
  expect(await out.follow()).toBe(0)
  await beatWorker(out.app.sql, { id: killed.owner, leaseMs: -1 })
  await sweepWorkers(out.app.sql, { owner: '', leaving: '' })
  await out.follow()
  expect(told(out).map(({ key }) => key)).toHaveLength(2)
  expect(new Set(told(out).map(({ key }) => key)).size).toBe(1)
  expect(await followUps(out)).toMatchObject([{ state: 'acknowledged', attempts: 2 }])
  answer()
  await dying
  expect(await followUps(out)).toMatchObject([{ state: 'acknowledged', attempts: 2 }])
})

test('leaves a dead destination alone, and tells the others', async () => {
  await using out = await openOutward({ answer: (got) => (isFollowUp(got) ? 503 : 200) })
  await using healthy = await openReceiver()
  for (let n = 0; n < 6; n += 1) await optOut(out, `user-${n}`)
  await out.follow()
  expect(told(out)).toHaveLength(6)
  await optOut(out, 'late')
  await optOut(out, 'fine', { destination: healthy.url })
  await out.follow()
  expect(told(out)).toHaveLength(6)
  expect(healthy.requests).toHaveLength(2)
})
