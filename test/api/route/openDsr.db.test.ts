import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { hash, verify, X509Certificate } from 'node:crypto'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { createApp } from '../../../api/server.ts'
import { openDsrRoutes } from '../../../api/route/openDsr.ts'
import { createActions } from '../../../core/actions.ts'
import { createDoorkeeper } from '../../../core/read/authenticate.ts'
import { verifySubject } from '../../../core/subject/handleRequest.ts'
import { identify, openTestApp, testClock } from '../../support/app.ts'
import { unzip } from '../../support/unzip.ts'

const domain = 'example-processor.com'
const pendingMs = 60_000

interface Callback {
  headers: NodeJS.Dict<string | string[]>
  body: string
}

/** A controller's end: keeps what it is told, and answers by `statuses` in turn, then 202. */
async function openController(statuses: number[] = []) {
  const told: Callback[] = []
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      told.push({ headers: request.headers, body: Buffer.concat(parts).toString('utf8') })
      response.writeHead(statuses.shift() ?? 202).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = isAddress(address) ? address.port : 0
  return {
    told,
    url: `http://127.0.0.1:${port}/opendsr_callbacks`,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
const isAddress = (address: AddressInfo | string | null): address is AddressInfo =>
  typeof address === 'object' && address !== null

async function open() {
  const lines: string[] = []
  const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) })
  const clock = testClock(new Date('2018-10-02T15:00:01.000Z'))
  const openDsr = { domain, baseUrl: `https://${domain}`, pendingMs }
  const app = await openTestApp({ works: false, clock, log, openDsr })
  const door = createDoorkeeper(app.board, app.policies)
  const api = createApp({
    board: app.board,
    door,
    actions: createActions(app),
    metrics: app.metrics.registry,
    unready: () => [],
    routes: [openDsrRoutes(door, app.openDsr)],
    production: true,
  })
  const controller = await app.principal('officer')
  const call = async (method: string, path: string, body?: string, key = controller.key) => {
    const response = await api.request(`${path.startsWith('/') ? '' : '/opendsr/v2/'}${path}`, {
      method,
      headers: { Authorization: `Bearer ${key}` },
      ...(body === undefined ? {} : { body }),
    })
    const text = await response.text()
    return {
      status: response.status,
      headers: response.headers,
      text,
      json: z.json().parse(JSON.parse(text)),
    }
  }
  return {
    ...app,
    api,
    clock,
    lines,
    controller,
    call,
    [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
  }
}
type World = Awaited<ReturnType<typeof open>>

/** The request of the specification (7.2), its trailing comma and missing regulation with it. */
const example = (callback: string, type = 'erasure'): string => `{
  "subject_request_id": "a7551968-d5d6-44b2-9831-815ac9017798",
  "subject_request_type": "${type}",
  "submitted_time": "2018-10-02T15:00:00Z",
  "subject_identities": [
    {
      "identity_type": "email",
      "identity_value": "johndoe@example.com",
      "identity_format": "raw"
    }
  ],
  "api_version": "1.0",
  "status_callback_urls": [
    "${callback}"
  ],
  "extensions": {
    "example-processor.com": {
      "foo-processor-custom-id":123456,
      "property_id": "123456",
    },
    "example-other-processor.com": {
      "foo-other-processor-custom-id":654321
    }
  }
}`
const requestId = 'a7551968-d5d6-44b2-9831-815ac9017798'

async function certificateOf({ api }: World): Promise<X509Certificate> {
  const response = await api.request('/opendsr/v2/certificate.pem')
  return new X509Certificate(await response.text())
}

const isSigned = (certificate: X509Certificate, body: string, signature: string | null): boolean =>
  verify('sha256', Buffer.from(body), certificate.publicKey, Buffer.from(signature ?? '', 'base64'))

test('discovery says what is understood, and every answer is signed by the certificate it names (6.3, 8.3)', async () => {
  await using world = await open()
  const certificate = await certificateOf(world)
  expect(certificate.checkHost(domain)).toBe(domain)
  const discovery = await world.call('GET', 'discovery')
  expect(discovery.json).toMatchObject({
    api_version: '2.0',
    supported_subject_request_types: ['access', 'portability', 'erasure'],
    processor_certificate: `https://${domain}/opendsr/v2/certificate.pem`,
  })
  expect(discovery.text).toContain('{"identity_type":"email","identity_format":"sha256"}')
  const answers = [
    discovery,
    await world.call('POST', 'requests', 'not JSON'),
    await world.call('GET', `requests/${requestId}`),
    await world.call('GET', `requests/${requestId}`, undefined, 'nobody'),
  ]
  for (const { headers, text } of answers) {
    for (const name of ['OpenDSR', 'OpenGDPR']) {
      expect(headers.get(`X-${name}-Processor-Domain`)).toBe(domain)
      expect(isSigned(certificate, text, headers.get(`X-${name}-Signature`))).toBe(true)
      expect(isSigned(certificate, `${text} `, headers.get(`X-${name}-Signature`))).toBe(false)
    }
  }
  expect(answers.map(({ status }) => status)).toEqual([200, 400, 404, 401])
})

test('the request of the specification is received, answered, and each change told with a signature (7.4, 8.5)', async () => {
  await using world = await open()
  await using far = await openController()
  await world.send(identify('john', { email: 'JohnDoe@example.com', plan: 'pro' }))
  const body = example(far.url)
  const received = await world.call('POST', 'requests', body)
  expect([received.status, received.json]).toEqual([
    201,
    {
      controller_id: world.controller.id,
      // Art. 12(3): a month.
      expected_completion_time: '2018-11-02T15:00:00.000Z',
      received_time: '2018-10-02T15:00:01.000Z',
      encoded_request: Buffer.from(body).toString('base64'),
      subject_request_id: requestId,
    },
  ])
  expect((await world.call('POST', 'requests', body)).json).toEqual(received.json)
  const status = async () => (await world.call('GET', `requests/${requestId}`)).json
  expect(await status()).toEqual({
    controller_id: world.controller.id,
    expected_completion_time: '2018-11-02T15:00:00.000Z',
    subject_request_id: requestId,
    request_status: 'pending',
    api_version: '2.0',
  })
  expect(await world.openDsr.answer()).toBe(0)
  world.clock.advance(pendingMs)
  await world.openDsr.answer()
  expect(await status()).toMatchObject({ request_status: 'completed', results_count: 1 })
  expect(await world.sql`select id from erasure_receipt`).toHaveLength(1)

  await world.openDsr.tell()
  await world.openDsr.tell()
  expect(await world.openDsr.tell()).toBe(0)
  const certificate = await certificateOf(world)
  expect(far.told.map((one) => z.json().parse(JSON.parse(one.body)))).toMatchObject([
    {
      controller_id: world.controller.id,
      expected_completion_time: '2018-11-02T15:00:00.000Z',
      status_callback_url: far.url,
      subject_request_id: requestId,
      request_status: 'in_progress',
    },
    { request_status: 'completed', results_count: 1 },
  ])
  for (const { headers, body: text } of far.told) {
    expect(headers['x-opendsr-processor-domain']).toBe(domain)
    expect(isSigned(certificate, text, String(headers['x-opendsr-signature']))).toBe(true)
  }
})

test('nothing of a body is logged, kept or audited in the clear (7.3)', async () => {
  await using world = await open()
  const secret = 'johndoe@example.com'
  await world.send(identify('john', { email: secret }))
  const body = example('https://controller.example/callbacks')
  await world.call('POST', 'requests', body)
  await world.call('POST', 'requests', body.replace('erasure', 'divination'))
  const encoded = Buffer.from(secret).toString('base64').slice(0, 16)
  const tables = ['subject_request', 'subject_request_event', 'audit_inbox']
  const rows = await Promise.all(tables.map((table) => world.sql.unsafe(`select * from ${table}`)))
  const traces = [world.lines.join('\n'), JSON.stringify(rows)].join('\n')
  expect(traces).toMatch(/subject_request/)
  expect(traces).not.toContain('johndoe')
  expect(traces).not.toContain(encoded)
})

test('a request is cancelled while it is pending, and not any more once it is answered (9)', async () => {
  await using world = await open()
  await using far = await openController()
  await world.send(identify('john', { email: 'johndoe@example.com' }))
  await world.call('POST', 'requests', example(far.url))
  const cancelled = await world.call('DELETE', `requests/${requestId}`)
  expect([cancelled.status, cancelled.json]).toEqual([
    202,
    {
      controller_id: world.controller.id,
      subject_request_id: requestId,
      received_time: '2018-10-02T15:00:01.000Z',
      api_version: '2.0',
    },
  ])
  expect((await world.call('DELETE', `requests/${requestId}`)).status).toBe(400)
  world.clock.advance(pendingMs)
  expect(await world.openDsr.answer()).toBe(0)
  expect(await world.sql`select id from erasure_receipt`).toEqual([])
  await world.openDsr.tell()
  expect(far.told.map(({ body }) => body)).toEqual([
    expect.stringContaining('"request_status":"cancelled"'),
  ])
})

test('a request that is being answered is not cancelled any more (refused)', async () => {
  await using world = await open()
  await world.send(identify('john', { email: 'johndoe@example.com' }))
  await world.call('POST', 'requests', example('https://controller.example/x'))
  const officer = await createDoorkeeper(world.board, world.policies).admit(world.controller.key)
  const [row] = await world.sql<{ id: string }[]>`select id from subject_request`
  if (!officer || !row) throw new TypeError('nobody and nothing is there')
  await verifySubject(officer, { id: row.id, level: 'verified', method: 'controller' })
  const { status, text } = await world.call('DELETE', `requests/${requestId}`)
  expect([status, text]).toEqual([400, expect.stringMatching(/only a pending request/)])
  expect((await world.call('GET', `requests/${requestId}`)).json).toMatchObject({
    request_status: 'in_progress',
  })
})

test('access is answered by results that only who has the key gets, and a count of persons (8.3)', async () => {
  await using world = await open()
  await world.send(identify('john', { email: 'johndoe@example.com', plan: 'pro' }))
  await world.call('POST', 'requests', example('https://controller.example/x', 'access'))
  const results = `/opendsr/v2/requests/${requestId}/results`
  expect((await world.call('GET', results)).status).toBe(403)
  world.clock.advance(pendingMs)
  await world.openDsr.answer()
  expect((await world.call('GET', `requests/${requestId}`)).json).toMatchObject({
    request_status: 'completed',
    results_url: `https://${domain}${results}`,
    results_count: 1,
  })
  const headers = { Authorization: `Bearer ${world.controller.key}` }
  const response = await world.api.request(results, { headers })
  const files = unzip(Buffer.from(await response.arrayBuffer()))
  expect(files.get('traits.json')).toMatch(/johndoe@example\.com/)
  expect((await world.api.request(results)).status).toBe(401)
})

test('people are found by raw and hashed identities, and who is not known is answered as well (5.2)', async () => {
  await using world = await open()
  await world.send(
    identify('john', { email: 'johndoe@example.com' }),
    identify('jane', { email: 'jane@example.com' }),
  )
  const found = async (nth: number, type: string, value: string, format: string) => {
    const id = `a7551968-d5d6-44b2-9831-8${String(nth).padStart(11, '0')}`
    const body = JSON.stringify({
      regulation: 'ccpa',
      subject_request_id: id,
      subject_request_type: 'access',
      submitted_time: '2018-10-02T15:00:00Z',
      subject_identities: [{ identity_type: type, identity_value: value, identity_format: format }],
    })
    const { status } = await world.call('POST', 'requests', body)
    const [row] = await world.sql<{ profileIds: string[]; regulation: string }[]>`
      select profile_ids as "profileIds", regulation from subject_request
      where controller_request_id = ${id}`
    expect([status, row?.regulation]).toEqual([201, 'ccpa'])
    return row?.profileIds ?? []
  }
  const john = [await world.profileOf('john')]
  const email = 'johndoe@example.com'
  expect(await found(1, 'email', ' JohnDoe@Example.com ', 'raw')).toEqual(john)
  expect(await found(2, 'email', hash('sha256', email), 'sha256')).toEqual(john)
  expect(await found(3, 'email', hash('md5', email).toUpperCase(), 'md5')).toEqual(john)
  expect(await found(4, 'email', hash('sha1', email, 'base64'), 'sha1')).toEqual(john)
  expect(await found(5, 'controller_customer_id', hash('sha256', 'john'), 'sha256')).toEqual(john)
  expect(await found(6, 'email', hash('sha256', 'nobody@example.com'), 'sha256')).toEqual([])
  world.clock.advance(pendingMs)
  await world.openDsr.answer()
  const states = await world.sql`select distinct state from subject_request`
  expect(states).toEqual([{ state: 'completed' }])
})

test.each([
  ['an unknown type', { subject_request_type: 'divination' }, /subject_request_type/],
  ['an id that is no UUID v4', { subject_request_id: '1' }, /no UUID v4/],
  ['no identity', { subject_identities: [] }, /subject_identities/],
  ['a version to come', { api_version: '3.0' }, /up to 2.0/],
  ['a law that is not spoken', { regulation: 'lgpd' }, /regulation/],
  ['a time that is none', { submitted_time: 'yesterday' }, /submitted_time/],
])(
  'a request with %s is refused in the words of the specification (7.6)',
  async (_, change, told) => {
    await using world = await open()
    const given = {
      regulation: 'gdpr',
      subject_request_id: requestId,
      subject_request_type: 'erasure',
      submitted_time: '2018-10-02T15:00:00Z',
      subject_identities: [
        { identity_type: 'email', identity_value: 'a@b.test', identity_format: 'raw' },
      ],
    }
    const { status, json } = await world.call(
      'POST',
      'requests',
      JSON.stringify({ ...given, ...change }),
    )
    expect(status).toBe(400)
    expect(json).toMatchObject({
      error: {
        code: 400,
        message: expect.stringMatching(told),
        errors: [{ domain: 'slateboard' }],
      },
    })
  },
)

test('the names of OpenGDPR are honoured, and an id stands for one request (10.1)', async () => {
  await using world = await open()
  await world.send(identify('john', { email: 'johndoe@example.com' }))
  const body = example('https://controller.example/x')
  for (const path of ['/opendsr/v2/opengdpr_requests', '/opengdpr_requests', 'opendsr_requests']) {
    expect((await world.call('POST', path, body)).status).toBe(201)
    expect((await world.call('GET', `${path}/${requestId}`)).status).toBe(200)
  }
  expect(await world.sql`select id from subject_request`).toHaveLength(1)
  const other = body.replace('johndoe', 'janedoe')
  expect((await world.call('POST', 'requests', other)).status).toBe(400)
})

test('a controller that cannot be told is told later, and in order (8.5)', async () => {
  await using world = await open()
  await using far = await openController([500, 401])
  await world.send(identify('john', { email: 'johndoe@example.com' }))
  await world.call('POST', 'requests', example(far.url, 'access'))
  world.clock.advance(pendingMs)
  await world.openDsr.answer()
  for (let nth = 0; nth < 8; nth += 1) {
    await world.openDsr.tell()
    world.clock.advance(120_000)
  }
  expect(far.told.map(({ body }) => /request_status":"(\w+)"/.exec(body)?.[1])).toEqual([
    'in_progress',
    'in_progress',
    'in_progress',
    'completed',
  ])
})

test('only who may answer requests may send them', async () => {
  await using world = await open()
  for (const role of ['app', 'auditor', 'operator', 'metrics'] as const) {
    const { key } = await world.principal(role)
    const answers = [
      await world.call('POST', 'requests', example('https://controller.example/x'), key),
      await world.call('GET', `requests/${requestId}`, undefined, key),
      await world.call('DELETE', `requests/${requestId}`, undefined, key),
      await world.call('GET', `requests/${requestId}/results`, undefined, key),
    ]
    expect([role, answers.map(({ status }) => status)]).toEqual([role, [403, 403, 403, 403]])
  }
  expect(await world.sql`select id from subject_request`).toEqual([])
})
