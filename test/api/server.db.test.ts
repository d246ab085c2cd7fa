import { Writable } from 'node:stream'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { createApp, listen } from '../../api/server.ts'
import { fail } from '../../core/errors.ts'
import { openReading } from '../support/reading.ts'
import { shippedPolicy } from '../../policies/shipped.ts'

const refuse = () => Promise.reject(fail('internal'))

async function open() {
  const reading = await openReading(shippedPolicy().document)
  const lines: string[] = []
  const sink = new Writable({
    write(chunk, _, done) {
      lines.push(String(chunk))
      done()
    },
  })
  const reasons: string[] = []
  const routes = new Hono()
    .get('/v1/broken/:id', () => {
      throw new TypeError('anna@example.com is broken')
    })
    .get('/v1/busy', () => {
      throw fail('overloaded', { limit: 1 })
    })
  const app = createApp({
    board: { clock: reading.board.clock, log: pino({ level: 'info' }, sink) },
    door: reading.door,
    actions: {
      recordConsent: refuse,
      confirmConsent: refuse,
      setJurisdiction: refuse,
      propose: refuse,
      answer: refuse,
      gateAudience: refuse,
      installPlugin: refuse,
      removePlugin: refuse,
      configurePlugin: refuse,
      rollbackPluginConfig: refuse,
      inspectPlugin: refuse,
      approvePlugin: refuse,
      rehearsePlugin: refuse,
      setPluginShare: refuse,
      promotePlugin: refuse,
      rollbackPlugin: refuse,
      pausePlugin: refuse,
      resumePlugin: refuse,
      releasePlugin: refuse,
      purgePlugin: refuse,
      phasesOf: () => [],
      nodeHealthOf: () => ({ phase: null, memoryShare: 0, lines: [] }),
      simulatePolicy: refuse,
      cancelSimulation: refuse,
    },
    metrics: new Registry(),
    unready: () => reasons,
    routes: [routes],
    production: true,
  })
  return {
    ...reading,
    app,
    lines,
    reasons,
    [Symbol.asyncDispose]: () => reading[Symbol.asyncDispose](),
  }
}

test('tells that it lives, and why it is not ready yet', async () => {
  await using server = await open()
  expect(await (await server.app.request('/health/live')).json()).toEqual({ status: 'ok' })
  expect(await (await server.app.request('/health/ready')).json()).toEqual({ status: 'ok' })
  server.reasons.push('the plugin host is starting')
  const unready = await server.app.request('/health/ready')
  expect(unready.status).toBe(503)
  expect(await unready.json()).toMatchObject({ reasons: ['the plugin host is starting'] })
})

test('says that it honours Global Privacy Control', async () => {
  await using server = await open()
  const answer = await server.app.request('/.well-known/gpc.json')
  expect(await answer.json()).toEqual({
    gpc: true,
    lastUpdate: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
  })
})

test('shows metrics to admins and metrics principals, and to nobody else', async () => {
  await using server = await open()
  const status = async (key?: string) => {
    const headers: HeadersInit = key ? { Authorization: `Bearer ${key}` } : {}
    return (await server.app.request('/metrics', { headers })).status
  }
  expect(await status((await server.principal('admin')).key)).toBe(200)
  expect(await status((await server.principal('metrics')).key)).toBe(200)
  expect(await status((await server.principal('app', ['service'])).key)).toBe(403)
  expect(await status()).toBe(401)
})

test('gives every answer a request id and safe headers, errors in their one shape', async () => {
  await using server = await open()
  const cases = { '/nowhere': 404, '/v1/broken/1': 500, '/v1/busy': 429, '/metrics': 401 }
  for (const [path, status] of Object.entries(cases)) {
    const answer = await server.app.request(path)
    const requestId = answer.headers.get('x-request-id')
    expect(answer.status).toBe(status)
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    expect(await answer.json()).toEqual({
      error: {
        code: expect.any(String),
        message: expect.any(String),
        remedy: expect.any(String),
        requestId,
      },
    })
  }
  expect((await server.app.request('/v1/busy')).headers.get('retry-after')).toBe('1')
})

test('logs one line a request, with the route and without query, key or the text of a failure', async () => {
  await using server = await open()
  const { key } = await server.principal('admin')
  await server.app.request(`/v1/broken/anna?email=anna@example.com`, {
    headers: { Authorization: `Bearer ${key}` },
  })
  const text = server.lines.join('')
  const request = server.lines
    .map((line) => JSON.parse(line))
    .filter(({ msg }) => msg === 'request')
  expect(request).toMatchObject([{ method: 'GET', route: '/v1/broken/:id', status: 500 }])
  expect(text).not.toContain('anna')
  expect(text).not.toContain(key)
})

test('listens on a free port and stops taking requests when disposed', async () => {
  await using server = await open()
  const listening = await listen(server.app, { host: '127.0.0.1', port: 0 })
  const live = new URL('/health/live', listening.url)
  expect((await fetch(live)).status).toBe(200)
  const port = Number(new URL(listening.url).port)
  await expect(listen(server.app, { host: '127.0.0.1', port })).rejects.toMatchObject({
    code: 'address_unavailable',
  })
  await listening[Symbol.asyncDispose]()
  await expect(fetch(live)).rejects.toThrow('fetch failed')
})
