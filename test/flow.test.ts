/**
 * The tour: one order of one customer, from the shop's call to the coupon that leaves, through all eight
 * steps. Each test is the next step of the same story; read it from top to bottom.
 */
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ingestRoutes } from '../api/route/ingest.ts'
import { createSource } from '../core/admin/createSource.ts'
import { ensureAdmin } from '../core/admin/ensureAdmin.ts'
import { createIngestPort } from '../core/flow/ingest/sources.ts'
import { recordConsent } from '../core/flow/recordConsent.ts'
import { verifyAudit } from '../core/flow/record.ts'
import { createDoorkeeper } from '../core/read/authenticate.ts'
import { consentInputSchema } from '../core/model/consent.ts'
import { openTestApp, type TestApp } from './support/app.ts'

interface Received {
  headers: IncomingHttpHeaders
  body: unknown
}

const received: Received[] = []
const receive = async (request: IncomingMessage): Promise<void> => {
  received.push({ headers: request.headers, body: JSON.parse(await text(request)) })
}
const receiver = createServer((request, response) => {
  void receive(request).finally(() => response.end())
})

let app: TestApp
let post: (path: string, body: object) => Promise<Response>

beforeAll(async () => {
  receiver.listen(0, '127.0.0.1')
  await once(receiver, 'listening')
  const address = receiver.address()
  const port = typeof address === 'object' ? address?.port : undefined
  app = await openTestApp({ webhookUrl: `http://localhost:${port}/coupons` })
  await app.install('tour')
  const { board, workspaceId, intake, policies } = app
  const admin = await ensureAdmin(board, workspaceId, 'the-key-of-the-tour')
  const reader = await createDoorkeeper(board, policies).read(admin)
  const { writeKey } = await createSource(reader, { name: 'shop' })
  const routes = ingestRoutes({
    port: createIngestPort(board, intake, app.pressure),
    clock: board.clock,
    log: board.log,
  })
  post = async (path, body) =>
    routes.request(path, {
      method: 'POST',
      headers: { Authorization: `Basic ${btoa(`${writeKey}:`)}` },
      body: JSON.stringify(body),
    })
  const grant = consentInputSchema.parse({
    subject: { namespace: 'user_id', value: 'ada' },
    purpose: 'marketing.promotion',
    channel: 'webhook',
    decision: 'granted',
    proof: { method: 'checkbox', noticeId: 'coupons' },
  })
  await recordConsent(board, intake, workspaceId, 'principal:preference-center', grant)
})

afterAll(async () => {
  await app[Symbol.asyncDispose]()
  receiver.close()
})

test('ingest: the shop sends who Ada is and what she bought, and 200 means committed', async () => {
  const response = await post('/v1/batch', {
    batch: [
      {
        type: 'identify',
        messageId: 'm1',
        userId: 'ada',
        anonymousId: 'cookie-7',
        traits: { email: 'Ada@Example.org', firstName: 'Ada', plan: 'pro' },
      },
      {
        type: 'track',
        messageId: 'm2',
        anonymousId: 'cookie-7',
        event: 'Order Completed',
        properties: { total: 42 },
      },
      {
        type: 'track',
        messageId: 'm2',
        anonymousId: 'cookie-7',
        event: 'Order Completed',
        properties: { total: 42 },
      },
      { type: 'track', messageId: 'm3', event: 'Order Completed' },
    ],
  })
  expect(response.status).toBe(200)
  expect(await response.json()).toMatchObject({
    success: true,
    accepted: 2,
    duplicates: 1,
    rejected: [{ index: 3 }],
  })
  const events = await app.sql`select message_id from event where type = 'track'`
  expect(events).toHaveLength(1)
})

test('resolve: cookie, user id and address are one person, by evidence that is kept', async () => {
  const profile = await app.profileOf('ada')
  const identifiers = await app.sql`
    select namespace, value from identifier where profile_id = ${profile} order by namespace`
  expect(identifiers).toEqual([
    { namespace: 'anonymous_id', value: 'cookie-7' },
    { namespace: 'email', value: null },
    { namespace: 'user_id', value: 'ada' },
  ])
  const edges = await app.sql`select rule from edge where rule = 'identify'`
  expect(edges).toHaveLength(2)
})

test('project: what was said of Ada are traits; her name and address stand only in the vault', async () => {
  const [profile] =
    await app.sql`select traits, provenance from profile where id = ${await app.profileOf('ada')}`
  expect(profile?.['traits']).toMatchObject({ plan: 'pro' })
  expect(profile?.['provenance']).toMatchObject({
    firstName: { revision: 1, author: { kind: 'source' } },
  })
  expect(JSON.stringify(profile?.['traits'])).not.toMatch(/ada/i)
})

test('notice: every write is in the change log, with author and cause', async () => {
  const changes = await app.sql`
    select key, value, author_kind from change where kind = 'trait' and author_kind = 'source' order by key`
  expect(changes).toEqual([
    { key: 'email', value: null, author_kind: 'source' },
    { key: 'firstName', value: null, author_kind: 'source' },
    { key: 'plan', value: 'pro', author_kind: 'source' },
  ])
})

test('react: the order wakes one agent, and what that one writes wakes the next', async () => {
  await app.idle()
  const changes = await app.sql`
    select key, value, author_id as author, confidence from change where author_kind = 'agent' order by id`
  expect(changes).toEqual([
    { key: 'orders', value: 1, author: 'tour/count', confidence: expect.closeTo(0.9, 5) },
    { key: 'thanked', value: true, author: 'tour/thank', confidence: 1 },
  ])
  expect(await app.sql`select from agenda`).toHaveLength(0)
})

test('gate: the proposed coupon was decided, and every check left its verdict', async () => {
  const [decision] =
    await app.sql`select outcome, reason, checks, policy_number from decision where kind = 'plan'`
  expect(decision).toMatchObject({ outcome: 'allow', reason: 'allowed', policy_number: 1 })
  const checks: { name: string; verdict: string; evidence: string[] }[] = decision?.['checks']
  expect(checks.map(({ verdict }) => verdict)).toEqual(checks.map(() => 'pass'))
  expect(checks.find(({ name }) => name === 'lawful_basis')?.evidence).toHaveLength(1)
})

test('dispatch: the coupon left once, with the one field that it may carry', async () => {
  const [activation] = await app.sql`select id, state from activation`
  expect(activation).toMatchObject({ state: 'sent' })
  expect(received).toHaveLength(1)
  expect(received[0]?.headers['idempotency-key']).toBe(activation?.['id'])
  expect(received[0]?.body).toMatchObject({
    purpose: 'marketing.promotion',
    content: { coupon: 'THANKS' },
    fields: { firstName: 'Ada' },
  })
})

test('record: all of it is on the audit chain, which holds, and nowhere is her address', async () => {
  expect(await verifyAudit(app.board, app.workspaceId)).toMatchObject({ ok: true })
  const entries = await app.sql<{ action: string; line: string }[]>`
    select action, row_to_json(audit_entry)::text as line from audit_entry order by seq`
  const actions = entries.map(({ action }) => action)
  expect(actions).toEqual(
    expect.arrayContaining([
      'consent.granted',
      'react',
      'activation.plan.allow',
      'activation.delivery.sent',
    ]),
  )
  expect(entries.filter(({ line }) => /ada@example/i.test(line))).toEqual([])
})
