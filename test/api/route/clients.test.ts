import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import RudderAnalytics from '@rudderstack/rudder-sdk-node'
import { Analytics } from '@segment/analytics-node'
import { expect, test } from 'vitest'
import { ingestRoutes } from '../../../api/route/ingest.ts'
import { systemClock } from '../../../core/clock.ts'
import { fail } from '../../../core/errors.ts'
import { fakeIngest, type FakeIngest } from '../../support/fakeIngest.ts'

interface Listening extends AsyncDisposable {
  url: string
  port: FakeIngest
}

async function listen(): Promise<Listening> {
  const port = fakeIngest()
  const log = { warn: () => {}, error: () => {} }
  const app = ingestRoutes({ port, clock: systemClock(), log })
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' })
  if (!server.listening) await once(server, 'listening')
  const address: AddressInfo | string | null = server.address()
  if (address === null || typeof address === 'string') expect.fail('no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    port,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      if ('closeAllConnections' in server) server.closeAllConnections()
      await closed
    },
  }
}

test('takes every call of @segment/analytics-node, unmodified', async () => {
  await using server = await listen()
  const analytics = new Analytics({ writeKey: 'WK', host: server.url })
  const timestamp = new Date('2024-01-02T03:04:05Z')
  analytics.identify({ userId: 'u1', traits: { email: 'Ann@example.com' } })
  analytics.track({ userId: 'u1', event: 'Bought', properties: { total: 5 }, timestamp })
  analytics.page({ anonymousId: 'a1', name: 'Home' })
  analytics.screen({ anonymousId: 'a1', name: 'Start' })
  analytics.group({ userId: 'u1', groupId: 'g1' })
  analytics.alias({ userId: 'u1', previousId: 'a1' })
  await analytics.closeAndFlush()
  const { events } = server.port
  expect(events.map(({ type, name }) => `${type} ${name}`.trim())).toEqual([
    'identify',
    'track Bought',
    'page Home',
    'screen Start',
    'group',
    'alias',
  ])
  expect(events[0]?.identifiers).toContainEqual({ namespace: 'email', value: 'ann@example.com' })
  const skewMs = Math.abs((events[1]?.timestamp.getTime() ?? 0) - timestamp.getTime())
  expect(skewMs).toBeLessThan(5000)
  expect(events[0]?.context).toMatchObject({ library: { name: '@segment/analytics-node' } })
})

test('makes @segment/analytics-node send again what could not be stored', async () => {
  await using server = await listen()
  server.port.failure = fail('overloaded', { limit: 1 })
  const analytics = new Analytics({ writeKey: 'WK', host: server.url, flushAt: 1 })
  analytics.once('http_request', () => {
    server.port.failure = undefined
  })
  analytics.track({ userId: 'u1', event: 'Bought' })
  await server.port.reached(1)
  await analytics.closeAndFlush()
  expect(server.port.events).toMatchObject([{ name: 'Bought' }])
})

test('takes every call of @rudderstack/rudder-sdk-node, gzip and all, unmodified', async () => {
  await using server = await listen()
  const analytics = new RudderAnalytics('WK', {
    dataPlaneUrl: server.url,
    flushAt: 5,
    flushInterval: 100,
    gzip: true,
  })
  analytics.identify({ userId: 'u1', traits: { email: 'ann@example.com' } })
  analytics.track({ userId: 'u1', event: 'Bought' })
  analytics.page({ userId: 'u1', name: 'Home' })
  analytics.group({ userId: 'u1', groupId: 'g1' })
  analytics.alias({ userId: 'u1', previousId: 'u0' })
  await server.port.reached(5)
  await analytics.flush()
  const { events } = server.port
  expect(events.map(({ type }) => type)).toEqual(['identify', 'track', 'page', 'group', 'alias'])
  expect(events[0]?.originalTimestamp).toBeInstanceOf(Date)
  expect(events[0]?.sentAt).toBeInstanceOf(Date)
})
