import RudderAnalytics from '@rudderstack/rudder-sdk-node'
import { Analytics } from '@segment/analytics-node'
import { expect, test } from 'vitest'
import { ingestRoutes } from '../../../api/route/ingest.ts'
import { listen } from '../../../api/server.ts'
import { createSource } from '../../../core/admin/createSource.ts'
import { ensureAdmin } from '../../../core/admin/ensureAdmin.ts'
import { createIngestPort } from '../../../core/flow/ingest/sources.ts'
import { createDoorkeeper } from '../../../core/read/authenticate.ts'
import { findProfile } from '../../../core/read/findProfile.ts'
import { readTraits } from '../../../core/read/readTraits.ts'
import { openTestApp } from '../../support/app.ts'

/** The platform behind the ingest paths, listening, with a source's write key. */
async function open() {
  await using stack = new AsyncDisposableStack()
  const app = stack.use(await openTestApp({ works: false }))
  const { board, workspaceId, intake, policies } = app
  const door = createDoorkeeper(board, policies)
  const admin = await door.read(await ensureAdmin(board, workspaceId, 'key-of-the-client-tests'))
  const { writeKey } = await createSource(admin, { name: 'shop' })
  const port = createIngestPort(board, intake, app.pressure)
  const routes = ingestRoutes({ port, clock: board.clock, log: board.log })
  const { url } = stack.use(await listen(routes, { host: '127.0.0.1', port: 0 }))
  const traitsOf = async (userId: string) => {
    const profile = await findProfile(admin, { by: { namespace: 'user_id', value: userId } })
    const [traits = []] = await readTraits(admin, profile ? [profile] : [])
    return Object.fromEntries(traits.map(({ key, value }) => [key, value]))
  }
  const held = stack.move()
  return { app, url, writeKey, traitsOf, [Symbol.asyncDispose]: () => held.disposeAsync() }
}

test('stores what an unmodified @segment/analytics-node sends, as one profile', async () => {
  await using server = await open()
  const analytics = new Analytics({ writeKey: server.writeKey, host: server.url })
  analytics.page({ anonymousId: 'cookie', name: 'Home' })
  analytics.identify({ userId: 'ann', anonymousId: 'cookie', traits: { email: 'Ann@example.com' } })
  analytics.track({ userId: 'ann', event: 'Bought', properties: { total: 5 } })
  await analytics.closeAndFlush()
  const events = await server.app.sql`select type from event order by id`
  expect(events.map(({ type }) => type)).toEqual(['page', 'identify', 'track'])
  expect(await server.app.sql`select from profile where canonical_id = id`).toHaveLength(1)
  expect(await server.traitsOf('ann')).toEqual({ email: 'Ann@example.com' })
})

test('stores what an unmodified @rudderstack/rudder-sdk-node sends, gzip and all', async () => {
  await using server = await open()
  const analytics = new RudderAnalytics(server.writeKey, { dataPlaneUrl: server.url })
  analytics.identify({ userId: 'ben', traits: { plan: 'pro' } })
  analytics.track({ userId: 'ben', event: 'Bought', properties: { total: 5 } })
  await analytics.flush()
  const events = await server.app.sql`select type, name, properties from event order by id`
  expect(events).toEqual([
    { type: 'identify', name: '', properties: null },
    { type: 'track', name: 'Bought', properties: { total: 5 } },
  ])
  expect(await server.traitsOf('ben')).toEqual({ plan: 'pro' })
})

test('stores nothing of a client whose write key nobody gave out', async () => {
  await using server = await open()
  const analytics = new Analytics({ writeKey: 'wk_nobody', host: server.url, maxRetries: 0 })
  const failures: unknown[] = []
  analytics.on('error', (failure) => failures.push(failure))
  analytics.track({ userId: 'eve', event: 'Bought' })
  await analytics.closeAndFlush()
  expect(failures).toHaveLength(1)
  expect(await server.app.sql`select from event`).toHaveLength(0)
})

test('hears consent from unmodified clients, a browser with Sec-GPC and a receipt', async () => {
  await using server = await open()
  const { app, url, writeKey } = server
  const analytics = new Analytics({ writeKey, host: url })
  const consent = { categoryPreferences: { 'marketing.promotion': true, analytics: false } }
  analytics.track({ userId: 'ann', event: 'Bought', context: { consent } })
  await analytics.closeAndFlush()
  const post = (path: string, body: object, headers: Record<string, string> = {}) =>
    fetch(`${url}/v1/${path}`, {
      method: 'POST',
      headers: { authorization: writeKey, ...headers },
      body: JSON.stringify(body),
    })
  await post('page', { userId: 'ann' }, { 'Sec-GPC': '1' })
  await post('page', { userId: 'ann' })
  const receipt = { Id: 'personalization', TransactionType: 'CONFIRMED' }
  await post('consent/onetrust', { identifier: 'ann', purposes: [receipt] })
  const granted = { scope: 'shop', typeIdentifier: 'marketing.newsletter', status: 'GRANTED' }
  const consents = { 'shop/marketing.newsletter': granted }
  await post('consent/unomi', { userId: 'ann', consents })
  const words = await app.sql`select purpose, decision from consent_current order by purpose`
  expect(words.map(({ purpose, decision }) => `${purpose} ${decision}`)).toEqual([
    'analytics denied',
    'marketing.newsletter granted',
    'marketing.promotion granted',
    'personalization granted',
  ])
  expect(await app.sql`select gpc from legal_state`).toEqual([{ gpc: true }])
  expect(await app.sql`select from profile`).toHaveLength(1)
})
