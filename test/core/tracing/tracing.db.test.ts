import { describe, expect, test } from 'vitest'
import { ingestRoutes } from '../../../api/route/ingest.ts'
import { createSource } from '../../../core/admin/createSource.ts'
import { ensureAdmin } from '../../../core/admin/ensureAdmin.ts'
import { readConfig } from '../../../core/config.ts'
import { startFlow } from '../../../core/flow/flow.ts'
import { createIngestPort } from '../../../core/flow/ingest/sources.ts'
import { recordConsent } from '../../../core/flow/recordConsent.ts'
import { consentInputSchema } from '../../../core/model/consent.ts'
import { createDoorkeeper } from '../../../core/read/authenticate.ts'
import { findReaction } from '../../../core/read/listReactions.ts'
import { openTestApp, type TestApp } from '../../support/app.ts'
import { openCollector, type Collector, type ToldSpan } from '../../support/collector.ts'
import { openReceiver } from '../../support/receiver.ts'
import { readerOf } from '../../support/readerOf.ts'

const traceId = '0af7651916cd43dd8448eb211c80319c'
const callerId = 'b7ad6b7169203331'
const traceparent = `00-${traceId}-${callerId}-01`
const email = 'ada.lovelace@canary.test'
const userId = 'canary-of-ada'
const total = 4711.23

/** Sends what the shop says over HTTP, as its source. */
async function postTo(app: TestApp) {
  const { board, workspaceId, intake, policies } = app
  const admin = await ensureAdmin(board, workspaceId, 'the-key-of-the-test')
  const reader = await createDoorkeeper(board, policies).read(admin)
  const { writeKey } = await createSource(reader, { name: 'shop' })
  const port = createIngestPort(board, intake, app.pressure)
  const routes = ingestRoutes({ port, clock: board.clock, log: board.log })
  return async (trace: string, ...batch: object[]): Promise<unknown> => {
    const Authorization = `Basic ${btoa(`${writeKey}:`)}`
    const headers = { Authorization, traceparent: trace }
    const body = JSON.stringify({ batch })
    const response = await routes.request('/v1/batch', { method: 'POST', headers, body })
    return response.json()
  }
}

const said = { type: 'identify', userId, traits: { email, firstName: 'Augusta-Canary' } }
const order = { type: 'track', userId, event: 'Order Completed', properties: { total } }

/** One order, from the shop's call to the coupon that leaves. */
async function live(env: Record<string, string>) {
  await using receiver = await openReceiver()
  await using app = await openTestApp({
    webhookUrl: `${receiver.url}/coupons`,
    tracing: readConfig(env).tracing,
  })
  await app.install('tour')
  const consent = consentInputSchema.parse({
    subject: { namespace: 'user_id', value: userId },
    purpose: 'marketing.promotion',
    channel: 'webhook',
    decision: 'granted',
  })
  await recordConsent(app.board, app.intake, app.workspaceId, 'principal:test', consent)
  const post = await postTo(app)
  expect(await post(traceparent, said, order)).toMatchObject({ accepted: 2 })
  await app.idle()
  const [activation] = await app.sql<{ trace: string | null; cause: string }[]>`
    select trace, cause from activation where state = 'sent'`
  const causes = await app.sql<{ cause: string }[]>`
    select cause from change union all
    select made.value ->> 'cause' from profile, jsonb_each(provenance) as made`
  return {
    activation,
    causes: causes.map(({ cause }) => cause),
    profile: await app.profileOf(userId),
    sent: receiver.letters.map(({ headers }) => headers['traceparent']),
  }
}

const named = ({ spans }: Collector, name: string): ToldSpan => {
  const [span, ...others] = spans.filter((each) => each.name === name)
  if (!span || others.length > 0) throw new TypeError(`not one span "${name}"`)
  return span
}

describe('with a collector', () => {
  test('one trace goes from the event by both agents to the webhook, and tells nothing of the person', async () => {
    await using collector = await openCollector()
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_SERVICE_NAME: 'shop-cdp' }
    const lived = await live(env)
    expect(collector.services).toEqual(new Set(['shop-cdp']))
    expect(new Set(collector.spans.map((span) => span.traceId))).toEqual(new Set([traceId]))
    const parents = new Map(
      collector.spans.map(({ spanId, parentId }) => [
        spanId,
        collector.spans.find((span) => span.spanId === parentId)?.name ?? parentId,
      ]),
    )
    const tree = collector.spans.map(({ name, spanId }) => [name, parents.get(spanId)])
    expect(Object.fromEntries(tree)).toEqual({
      ingest: callerId,
      'react tour/count': 'ingest',
      'call tour/count': 'react tour/count',
      'react tour/thank': 'react tour/count',
      'call tour/thank': 'react tour/thank',
      'decide webhook': 'react tour/thank',
      'dispatch webhook': 'react tour/thank',
    })
    expect(lived.sent).toEqual([`00-${traceId}-${named(collector, 'dispatch webhook').spanId}-01`])
    const { attributes } = named(collector, 'react tour/thank')
    expect(attributes).toMatchObject({
      'slateboard.agent': 'tour/thank',
      'slateboard.version': expect.stringMatching(/^[0-9a-f]{12}$/),
      'slateboard.outcome': 'done',
      'slateboard.hop': 1,
    })
    expect(named(collector, 'decide webhook').attributes).toMatchObject({
      'slateboard.channel': 'webhook',
      'slateboard.outcome': 'allow',
      'slateboard.policy': 1,
    })
    const told = collector.bytes().toString('latin1')
    for (const secret of [email, 'Augusta-Canary', userId, `${total}`, lived.profile]) {
      expect(told).not.toContain(secret)
    }
    // Persons and plugins are told what caused what, without it.
    expect(lived.activation?.trace).toContain(traceId)
    expect(lived.causes.length).toBeGreaterThan(2)
    for (const cause of [lived.activation?.cause, ...lived.causes]) {
      expect(cause).not.toContain(traceId)
    }
  })

  test('what is not sampled is told to nobody, and goes along all the same', async () => {
    await using collector = await openCollector()
    const lived = await live({
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_TRACES_SAMPLER: 'always_off',
    })
    expect(collector.spans).toEqual([])
    expect(lived.sent).toEqual([expect.stringMatching(new RegExp(`^00-${traceId}-.*-00$`))])
  })

  test('what came together is part of the newest trace, and linked to the others', async () => {
    await using collector = await openCollector()
    const traceIds = ['a', 'b', 'c'].map((digit) => digit.repeat(32))
    {
      const { tracing } = readConfig({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url })
      await using app = await openTestApp({ tracing, works: false })
      await app.install('tour')
      const post = await postTo(app)
      for (const id of traceIds) await post(`00-${id}-${callerId}-01`, order)
      const profileId = await app.profileOf(userId)
      const reader = await readerOf(app, 'admin')
      const waiting = await findReaction(reader, { profileId, agent: 'tour/count' })
      expect(waiting).toMatchObject({
        traceId: traceIds.at(-1),
        causes: [{ kind: 'event', count: 3 }],
      })
      await using flow = startFlow(app)
      await flow.idle()
    }
    const { traceId: newest, links } = named(collector, 'react tour/count')
    expect([newest, ...links]).toEqual(traceIds.toReversed())
  })
})

describe('without a collector', () => {
  test('nothing is exported, and the trace that came goes along', async () => {
    await using collector = await openCollector()
    const lived = await live({})
    expect(collector.spans).toEqual([])
    expect(lived.sent).toEqual([traceparent])
  })
})
