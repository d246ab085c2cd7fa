import { describe, expect, test } from 'vitest'
import type { Outbound } from '../../../core/egress/prepare.ts'
import { createSender, type Reply, type SenderOptions } from '../../../core/egress/send.ts'
import type { Denial } from '../../../core/host/denied.ts'
import { CallDenied } from '../../../core/host/denied.ts'
import { openTlsServer, type TlsServer } from '../../support/tlsServer.ts'

const loopback = () => Promise.resolve([{ address: '127.0.0.1' }])

const outboundOf = (url: string, more: Partial<Outbound> = {}): Outbound => ({
  url: new URL(url),
  method: 'GET',
  headers: {},
  body: undefined,
  ...more,
})

async function sent(
  outbound: Outbound,
  options: Partial<SenderOptions> = {},
  terms: { timeoutMs?: number; signal?: AbortSignal; mayFollow?: (url: URL) => boolean } = {},
): Promise<Reply | Denial> {
  const sender = createSender({ allowPrivate: false, ...options })
  try {
    return await sender.send(outbound, {
      timeoutMs: 5000,
      signal: new AbortController().signal,
      mayFollow: () => true,
      ...terms,
    })
  } catch (thrown) {
    if (thrown instanceof CallDenied) return thrown.denial
    throw thrown
  } finally {
    sender.close()
  }
}

/** What reaches the test's own server: the one private place that is opened for it. */
const to = ({ port, ca }: TlsServer): Partial<SenderOptions> => ({
  ca,
  allowHosts: [`api.test:${port}`],
  lookup: loopback,
})

describe('a request', () => {
  test('goes over TLS to the name that was asked for, with what it carries', async () => {
    await using server = await openTlsServer('api.test', (_request, response) => {
      response.writeHead(201, { etag: 'e', 'set-cookie': 'a=b' }).end('grüße')
    })
    const headers = { 'content-type': 'text/plain', authorization: 'x' }
    const outbound = outboundOf(`https://api.test:${server.port}/p?q=1`, {
      method: 'POST',
      headers,
      body: 'größe',
    })
    const reply = await sent(outbound, to(server))
    expect(reply).toMatchObject({ status: 201, headers: { etag: 'e' }, text: 'grüße' })
    expect(reply).not.toHaveProperty('headers.set-cookie')
    expect(server.requests).toMatchObject([
      {
        method: 'POST',
        url: '/p?q=1',
        body: 'größe',
        headers: { ...headers, host: `api.test:${server.port}`, 'user-agent': 'slateboard' },
      },
    ])
  })

  test('is refused by a certificate that nobody vouches for or that is of another name', async () => {
    await using server = await openTlsServer('other.test', (_request, response) => response.end())
    const outbound = outboundOf(`https://api.test:${server.port}/`)
    const { ca: _, ...untrusting } = to(server)
    expect(await sent(outbound, to(server))).toMatchObject({ code: 'unreachable' })
    expect(await sent(outbound, untrusting)).toMatchObject({ code: 'unreachable' })
    expect(server.requests).toEqual([])
  })

  test('connects to the address that was checked, and asks for it once', async () => {
    await using server = await openTlsServer('api.test', (_request, response) => response.end())
    const answers = [[{ address: '127.0.0.1' }], [{ address: '169.254.169.254' }]]
    let asked = 0
    const lookup = () => Promise.resolve(answers[asked++] ?? [])
    const outbound = outboundOf(`https://api.test:${server.port}/`)
    expect(await sent(outbound, { ...to(server), lookup })).toMatchObject({ status: 200 })
    expect(asked).toBe(1)
  })
})

const privatePlaces = [
  'https://127.0.0.1/',
  'https://[::1]/',
  'https://169.254.169.254/latest/meta-data',
  'https://0.0.0.0/',
  'https://2130706433/',
  'https://0177.0.0.1/',
  'https://0x7f.1/',
  'https://0x7f000001/',
  'https://127.1/',
  'https://[::ffff:127.0.0.1]/',
  'https://[::ffff:7f00:1]/',
  'https://[64:ff9b::7f00:1]/',
  'https://10.0.0.1/',
  'https://192.168.0.1/',
  'https://100.64.0.1/',
  'https://１２７.０.０.１/',
  'https://127。0。0。1/',
  'https://[fd00:ec2::254]/',
]

describe('an address', () => {
  test.each(privatePlaces)('%s is private, however it is written', async (url) => {
    expect(await sent(outboundOf(url))).toMatchObject({ code: 'destination_private' })
  })

  test.each(['10.0.0.1', '::1', '169.254.169.254', '::ffff:10.0.0.1'])(
    'that a name leads to is refused when it is %s',
    async (address) => {
      const lookup = () => Promise.resolve([{ address }])
      const denial = await sent(outboundOf('https://rebound.test/'), { lookup })
      expect(denial).toMatchObject({ code: 'destination_private' })
      expect(JSON.stringify(denial)).not.toContain(address)
    },
  )

  test('is refused without TLS, on another port, and where nobody knows the name', async () => {
    const lookup = () => Promise.resolve([])
    expect(await sent(outboundOf('http://api.test/'))).toMatchObject({
      code: 'destination_not_https',
    })
    expect(await sent(outboundOf('https://api.test:8443/'))).toMatchObject({ code: 'port_refused' })
    expect(await sent(outboundOf('https://api.test/'), { lookup })).toMatchObject({
      code: 'destination_unknown',
    })
  })
})

describe('a redirect', () => {
  test('is followed, with the body where the status says so, three times at the most', async () => {
    await using server = await openTlsServer('api.test', ({ url }, response) => {
      const step = Number(url.slice(1))
      if (step === 0) response.end('there')
      else response.writeHead(307, { location: `/${step - 1}` }).end()
    })
    const at = (step: number) =>
      outboundOf(`https://api.test:${server.port}/${step}`, { method: 'POST', body: 'b' })
    expect(await sent(at(3), to(server))).toMatchObject({ text: 'there' })
    expect(server.requests.map(({ body }) => body)).toEqual(['b', 'b', 'b', 'b'])
    expect(await sent(at(4), to(server))).toMatchObject({ code: 'too_many_redirects' })
  })

  test('by 303 asks without the body', async () => {
    await using server = await openTlsServer('api.test', ({ url }, response) => {
      if (url === '/done') response.end('there')
      else response.writeHead(303, { location: '/done' }).end()
    })
    const outbound = outboundOf(`https://api.test:${server.port}/`, { method: 'POST', body: 'b' })
    expect(await sent(outbound, to(server))).toMatchObject({ text: 'there' })
    expect(server.requests).toMatchObject([{ method: 'POST' }, { method: 'GET', body: '' }])
  })

  test.each([
    ['https://169.254.169.254/', 'destination_private'],
    ['https://inner.test/', 'destination_private'],
    ['http://inner.test/', 'destination_not_https'],
    ['https://user:pass@api.test/', 'url_invalid'],
    ['file:///etc/passwd', 'url_invalid'],
    ['gopher://127.0.0.1/', 'url_invalid'],
  ])('to %s is looked at like any address (%s)', async (location, code) => {
    await using server = await openTlsServer('api.test', (_request, response) => {
      response.writeHead(302, { location }).end()
    })
    const outbound = outboundOf(`https://api.test:${server.port}/`)
    expect(await sent(outbound, to(server))).toMatchObject({ code })
    expect(server.requests).toHaveLength(1)
  })

  test('to where the manifest does not reach is refused', async () => {
    await using server = await openTlsServer('api.test', (_request, response) => {
      response.writeHead(302, { location: 'https://elsewhere.test/' }).end()
    })
    const outbound = outboundOf(`https://api.test:${server.port}/`)
    const mayFollow = ({ hostname }: URL) => hostname === 'api.test'
    expect(await sent(outbound, to(server), { mayFollow })).toMatchObject({
      code: 'redirect_refused',
    })
  })
})

describe('an answer', () => {
  test('may have a quarter of a megabyte, and no more (refused)', async () => {
    await using server = await openTlsServer('api.test', ({ url }, response) => {
      response.end('x'.repeat(Number(url.slice(1))))
    })
    const at = (bytes: number) => outboundOf(`https://api.test:${server.port}/${bytes}`)
    expect(await sent(at(262_144), to(server))).toMatchObject({ status: 200 })
    expect(await sent(at(262_145), to(server))).toMatchObject({ code: 'response_too_large' })
  })

  test('that is encoded, late or cut short is refused', async () => {
    await using server = await openTlsServer('api.test', ({ url }, response) => {
      if (url === '/gzip') response.writeHead(200, { 'content-encoding': 'gzip' }).end('x')
      else if (url === '/cut') {
        response.writeHead(200, { 'content-length': '9' }).write('x')
        response.destroy()
      } else response.writeHead(200).write('x')
    })
    const at = (path: string) => outboundOf(`https://api.test:${server.port}/${path}`)
    expect(await sent(at('gzip'), to(server))).toMatchObject({ code: 'response_encoded' })
    expect(await sent(at('cut'), to(server))).toMatchObject({ code: 'unreachable' })
    expect(await sent(at('slow'), to(server), { timeoutMs: 150 })).toMatchObject({
      code: 'timeout',
      message: 'api.test did not answer within 150 ms.',
    })
    const stop = new AbortController()
    const stopped = sent(at('slow'), to(server), { signal: stop.signal })
    stop.abort()
    expect(await stopped).toMatchObject({ code: 'stopping' })
  })
})
