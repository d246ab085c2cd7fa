import { createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import type { Message } from '../../../../core/flow/channel/channel.ts'
import { createWebhookChannel, type WebhookOptions } from '../../../../core/flow/channel/webhook.ts'
import { signer } from '../../../support/signer.ts'
import { openReceiver } from '../../../support/receiver.ts'

const message = (destination: string | null, changes: Partial<Message> = {}): Message => ({
  id: 'activation-1',
  workspaceId: 1,
  purpose: 'marketing.promotion',
  profileId: 'profile-1',
  destination,
  content: { offer: 'tea' },
  fields: { plan: 'pro' },
  address: null,
  ...changes,
})

function open(options: Partial<WebhookOptions> = {}) {
  const channel = createWebhookChannel({ allowPrivate: true, ...options }, signer)
  onTestFinished(() => channel.close())
  return channel
}

test('posts the content and the permitted fields once, under the activation as idempotency key', async () => {
  await using receiver = await openReceiver()
  expect(await open().deliver(message(`${receiver.url}/hook`))).toEqual({ result: 'sent' })
  expect(receiver.requests).toEqual([
    {
      path: '/hook',
      method: 'POST',
      key: 'activation-1',
      body: {
        activation: 'activation-1',
        purpose: 'marketing.promotion',
        profile: 'profile-1',
        content: { offer: 'tea' },
        fields: { plan: 'pro' },
      },
    },
  ])
})

test.each([
  [200, { result: 'sent' }],
  [204, { result: 'sent' }],
  [400, { result: 'failed', reason: 'http_400' }],
  [404, { result: 'failed', reason: 'http_404' }],
  [410, { result: 'failed', reason: 'http_410' }],
  [408, { result: 'retry', reason: 'http_408' }],
  [429, { result: 'retry', reason: 'http_429' }],
  [500, { result: 'retry', reason: 'http_500' }],
  [503, { result: 'retry', reason: 'http_503' }],
])('takes the answer %i for what it is', async (status, delivery) => {
  await using receiver = await openReceiver(() => status)
  expect(await open().deliver(message(receiver.url))).toEqual(delivery)
})

test('does not follow a redirect', async () => {
  await using elsewhere = await openReceiver()
  await using receiver = await openReceiver((_, response) => {
    response.writeHead(307, { location: elsewhere.url }).end()
    return undefined
  })
  const delivery = await open().deliver(message(receiver.url))
  expect(delivery).toEqual({ result: 'failed', reason: 'http_307' })
  expect(elsewhere.requests).toEqual([])
})

test.each([
  'https://127.0.0.1/',
  'https://localhost/',
  'https://2130706433/',
  'https://0x7f000001/',
  'https://0x7f.1/',
  'https://0177.0.0.1/',
  'https://127.1/',
  'https://0.0.0.0/',
  'https://0/',
  'https://10.1.2.3/',
  'https://169.254.169.254/latest/meta-data',
  'https://[::1]/',
  'https://[::]/',
  'https://[::ffff:127.0.0.1]/',
  'https://[::ffff:a9fe:a9fe]/',
  'https://[64:ff9b::7f00:1]/',
  'https://[fd00:ec2::254]/',
  'https://①②⑦.0.0.1/',
])('refuses %s where private ranges are closed', async (destination) => {
  const delivery = await open({ allowPrivate: false }).deliver(message(destination))
  expect(delivery).toEqual({ result: 'failed', reason: 'destination_private' })
})

test('refuses plain http where private ranges are closed, and takes it where they are open', async () => {
  await using receiver = await openReceiver()
  const closed = await open({ allowPrivate: false }).deliver(message(receiver.url))
  expect(closed).toEqual({ result: 'failed', reason: 'destination_not_https' })
  expect(receiver.requests).toEqual([])
  expect(await open().deliver(message(receiver.url))).toEqual({ result: 'sent' })
})

test.each([
  null,
  '',
  'not a url',
  'ftp://127.0.0.1/',
  'file:///etc/passwd',
  'http://user:secret@127.0.0.1/',
])('refuses %s as a destination', async (destination) => {
  expect(await open().deliver(message(destination))).toEqual({
    result: 'failed',
    reason: 'destination_invalid',
  })
})

test('retries what nobody answers', async () => {
  const { url } = await openReceiver().then(async (receiver) => {
    await receiver[Symbol.asyncDispose]()
    return receiver
  })
  expect(await open().deliver(message(url))).toEqual({ result: 'retry', reason: 'unreachable' })
})

test('gives up on a receiver that answers byte by byte', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    const drip = setInterval(() => socket.write('H'), 20)
    socket.on('close', () => clearInterval(drip))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  // A raw answer that is no HTTP is unreachable; one that never ends its head is late.
  const delivery = await open({ timeoutMs: 200 }).deliver(message(`http://127.0.0.1:${port}/`))
  expect(delivery.result).toBe('retry')
})

test('gives up on a receiver that never answers', async () => {
  await using receiver = await openReceiver(() => undefined)
  const delivery = await open({ timeoutMs: 200 }).deliver(message(receiver.url))
  expect(delivery).toEqual({ result: 'retry', reason: 'timeout' })
})

test('names the circuit by host and port, so that one dead receiver stops no other', () => {
  const channel = open()
  expect(channel.circuitOf('https://a.example/x')).toBe(channel.circuitOf('https://a.example/y'))
  expect(channel.circuitOf('https://a.example/')).not.toBe(channel.circuitOf('https://b.example/'))
})
