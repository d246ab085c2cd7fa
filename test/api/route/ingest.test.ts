import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { Hono } from 'hono'
import { beforeEach, expect, test } from 'vitest'
import { ingestRoutes } from '../../../api/route/ingest.ts'
import { systemClock } from '../../../core/clock.ts'
import { fail } from '../../../core/errors.ts'
import { fakeIngest } from '../../support/fakeIngest.ts'

let port = fakeIngest()
const logged: object[] = []
const log = {
  warn: (fields: object) => void logged.push(fields),
  error: (fields: object) => void logged.push(fields),
}
let app = ingestRoutes({ port, clock: systemClock(), log })

beforeEach(() => {
  port = fakeIngest()
  logged.length = 0
  app = ingestRoutes({ port, clock: systemClock(), log })
})

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`
const item = { type: 'track', userId: 'u1', event: 'x', messageId: 'm1' }

const post = async (
  path: string,
  body: unknown,
  headers: Record<string, string> = { authorization: basic('WK:') },
): Promise<Response> => {
  const isRaw = typeof body === 'string' || body instanceof Uint8Array
  return app.request(path, {
    method: 'POST',
    headers,
    body: isRaw ? new Blob([Buffer.from(body)]) : JSON.stringify(body),
  })
}

test.each(['identify', 'track', 'page', 'screen', 'group', 'alias', 'i', 't', 'p', 's', 'g', 'a'])(
  'accepts a single call at /v1/%s',
  async (path) => {
    const body = { ...item, groupId: 'g1', previousId: 'u0' }
    const response = await post(`/v1/${path}`, body)
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({
      success: true,
      ok: true,
      accepted: 1,
      duplicates: 0,
      rejected: [],
    })
  },
)

test.each(['batch', 'import', 'b'])(
  'accepts good items of /v1/%s and reports the others',
  async (path) => {
    const batch = [item, { type: 'track', event: 'x', messageId: 'm2' }, item]
    const response = await post(`/v1/${path}`, { batch })
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({
      accepted: 1,
      duplicates: 1,
      rejected: [{ index: 1, messageId: 'm2', code: 'no_user_anon_id' }],
    })
  },
)

test.each([
  ['Basic with a colon', { authorization: basic('WK:') }, {}],
  ['Basic without a colon', { authorization: basic('WK') }, {}],
  ['Bearer', { authorization: 'Bearer WK' }, {}],
  ['the bare header', { authorization: 'WK' }, {}],
  ['X-Write-Key', { 'x-write-key': 'WK' }, {}],
  ['the body', {}, { writeKey: 'WK' }],
  ['the body beside an OAuth token', { authorization: 'Bearer oauth' }, { writeKey: 'WK' }],
] as const)('takes the write key from %s', async (_, headers, body) => {
  expect((await post('/v1/track', { ...item, ...body }, headers)).status).toBe(200)
})

test('gives a failure the id that its request has already: in header, body and log', async () => {
  port.failure = fail('database_full')
  const server = new Hono<{ Variables: { requestId: string } }>()
  server.use(async (c, next) => {
    c.set('requestId', 'the-request')
    await next()
  })
  server.route('/', app)
  const response = await server.request('/v1/track', {
    method: 'POST',
    headers: { authorization: basic('WK:') },
    body: JSON.stringify(item),
  })
  expect(response.headers.get('x-request-id')).toBe('the-request')
  expect(await response.json()).toMatchObject({ error: { requestId: 'the-request' } })
  expect(logged).toMatchObject([{ code: 'database_full', requestId: 'the-request' }])
})

test.each([
  ['none', {}, {}],
  ['an unknown one', { authorization: basic('nope:') }, {}],
  ['one that is no text', {}, { writeKey: { $ne: null } }],
] as const)('refuses a request with %s as write key', async (_, headers, body) => {
  const response = await post('/v1/track', { ...item, ...body }, headers)
  expect(response.status).toBe(401)
  expect(await response.json()).toEqual({
    error: {
      code: 'write_key_unknown',
      message: expect.any(String),
      remedy: expect.any(String),
      requestId: response.headers.get('x-request-id'),
    },
  })
  expect(port.events).toEqual([])
})

test('passes on what a request says that it is part of, and nothing that is no valid traceparent', async () => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  const authorization = basic('WK:')
  await post('/v1/track', item, { authorization, traceparent })
  await post('/v1/track', item, { authorization, traceparent: `${traceparent}0` })
  await post('/v1/track', item)
  expect(port.traces).toEqual([traceparent, undefined, undefined])
})

test.each([
  ['gzip', gzipSync],
  ['deflate', deflateSync],
  ['deflate', deflateRawSync],
  ['br', brotliCompressSync],
] as const)(
  'reads a body compressed with %s, whatever its content type',
  async (encoding, compress) => {
    const response = await post('/v1/batch', compress(JSON.stringify({ batch: [item] })), {
      authorization: basic('WK:'),
      'content-encoding': encoding,
      'content-type': 'application/x-www-form-urlencoded',
    })
    expect(await response.json()).toMatchObject({ accepted: 1 })
  },
)

test.each([
  ['a single call beyond 32 KB', '/v1/track', 'x'.repeat(33_000), {}, 400, 'body_too_large'],
  ['a batch beyond 500 KB', '/v1/batch', 'x'.repeat(513_000), {}, 400, 'body_too_large'],
  [
    'a decompression bomb',
    '/v1/batch',
    gzipSync(Buffer.alloc(50_000_000)),
    { 'content-encoding': 'gzip' },
    400,
    'body_too_large',
  ],
  [
    'text that is not gzip',
    '/v1/batch',
    '{}',
    { 'content-encoding': 'gzip' },
    400,
    'body_not_json',
  ],
  [
    'an unknown encoding',
    '/v1/batch',
    '{}',
    { 'content-encoding': 'zstd' },
    415,
    'body_encoding_unknown',
  ],
  ['no JSON', '/v1/track', '{"email":"ann@example.com"', {}, 400, 'body_not_json'],
] as const)('refuses %s', async (_, path, body, headers, status, code) => {
  const response = await post(path, body, { authorization: basic('WK:'), ...headers })
  expect(response.status).toBe(status)
  const text = await response.text()
  expect(JSON.parse(text)).toMatchObject({ error: { code } })
  expect(text).not.toContain('ann@example.com')
})

test('stops reading a body of unannounced length at the limit', async () => {
  let sent = 0
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      sent += 10_000
      controller.enqueue(new Uint8Array(10_000))
    },
  })
  const init = { method: 'POST', body, duplex: 'half' }
  const request = new Request('http://x/v1/track', init)
  expect((await app.request(request)).status).toBe(400)
  expect(sent).toBeLessThan(100_000)
})

test.each([
  [fail('database_unavailable', { reason: 'gone' }), 503, '5'],
  [fail('database_full'), 503, '5'],
  [fail('overloaded', { limit: 1 }), 429, '1'],
] as const)(
  'asks clients to come back when nothing could be stored: %s',
  async (failure, status, after) => {
    port.failure = failure
    const response = await post('/v1/track', item)
    expect(response.status).toBe(status)
    expect(response.headers.get('retry-after')).toBe(after)
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
  },
)

test('shows and logs nothing of an unexpected failure but its kind', async () => {
  port.failure = new TypeError('duplicate key (ann@example.com)')
  const response = await post('/v1/track', item)
  expect(response.status).toBe(500)
  expect(await response.json()).toMatchObject({ error: { code: 'internal' } })
  expect(logged).toMatchObject([{ code: 'internal', cause: 'TypeError' }])
  expect(JSON.stringify(logged)).not.toContain('ann')
})

test('answers the preflight of a browser', async () => {
  const response = await app.request('/v1/t', {
    method: 'OPTIONS',
    headers: { origin: 'https://shop.example', 'access-control-request-method': 'POST' },
  })
  expect(response.status).toBe(204)
  expect(response.headers.get('access-control-allow-origin')).toBe('*')
  const allowed = response.headers.get('access-control-allow-headers') ?? ''
  for (const name of ['Authorization', 'Content-Type', 'X-Retry-Count'])
    expect(allowed).toContain(name)
})

test('answers a pixel with the image whether or not the event is accepted', async () => {
  const data = { ...item, writeKey: 'WK' }
  const urls = [
    `/v1/pixel/track?data=${Buffer.from(JSON.stringify(data)).toString('base64url')}`,
    `/v1/pixel/track?data=${encodeURIComponent(JSON.stringify({ ...data, messageId: 'm2' }))}`,
    '/v1/pixel/track?data=rubbish',
    '/v1/pixel/nothing',
  ]
  for (const url of urls) {
    const response = await app.request(url)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('image/gif')
    expect((await response.bytes()).length).toBe(42)
  }
  expect(port.events.map(({ messageId }) => messageId)).toEqual(['m1', 'm2'])
})

test('tells analytics.js to send here', async () => {
  const response = await app.request('http://localhost:4000/v1/projects/WK/settings')
  expect(await response.json()).toEqual({
    integrations: {
      'Segment.io': { apiKey: 'WK', apiHost: 'localhost:4000/v1', protocol: 'http' },
    },
  })
  expect((await app.request('/v1/projects/nope/settings')).status).toBe(404)
})
