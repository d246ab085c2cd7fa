import { readFileSync } from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import { signatureOf, webhookSecret } from '../../../../core/flow/channel/signature.ts'
import { createWebhookChannel } from '../../../../core/flow/channel/webhook.ts'
import { openVault } from '../../../../core/vault.ts'
import { openReceiver } from '../../../support/receiver.ts'
import { signer } from '../../../support/signer.ts'

type Verifier = (secret: string, headers: object, body: string, now?: number) => boolean

/** The verifier that the README gives to receivers, run as it stands there. */
async function readmeVerifier(): Promise<Verifier> {
  const readme = readFileSync(new URL('../../../../README.md', import.meta.url), 'utf8')
  const blocks = readme.split('\n```js\n').map((after) => after.split('\n```\n')[0] ?? '')
  const code = blocks.find((block) => block.includes('function isGenuine')) ?? ''
  const module: { isGenuine: Verifier } = await import(
    `data:text/javascript,${encodeURIComponent(code)}`
  )
  return module.isGenuine
}

const now = signer.clock.now().getTime()

async function receive(destination = '/hook') {
  const receiver = await openReceiver()
  onTestFinished(() => receiver[Symbol.asyncDispose]())
  const channel = createWebhookChannel({ allowPrivate: true }, signer)
  onTestFinished(() => channel.close())
  const common = { workspaceId: 1, profileId: '01P', destination: `${receiver.url}${destination}` }
  await channel.deliver({
    ...common,
    id: '01ACTIVATION',
    purpose: 'marketing.promotion',
    content: { offer: 'thé' },
    fields: {},
    address: null,
  })
  await channel.follow?.({
    ...common,
    id: '01FOLLOW',
    kind: 'opt_out',
    purpose: null,
    channel: 'webhook',
    activationIds: ['01ACTIVATION'],
    at: new Date(now),
  })
  const secret = webhookSecret(signer.vault, 1, common.destination)?.secret ?? ''
  return { secret, letters: receiver.letters, url: common.destination }
}

// The example that the libraries of the specification are tested with (standard-webhooks/standard-webhooks).
test('signs the published example as the specification does', () => {
  const key = Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64')
  const published = {
    vault: { sharedKey: () => key },
    clock: { now: () => new Date(1_614_265_330_000) },
  }
  const letter = {
    workspaceId: 1,
    destination: 'https://shop.example/',
    body: '{"test": 2432232314}',
  }
  expect(signatureOf(published, { ...letter, id: 'msg_p5jXN8AQM9LWM0D4loKWxJek' })).toEqual({
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  })
})

test('a receiver can tell by the verifier of the README that activations and follow-ups are ours', async () => {
  const isGenuine = await readmeVerifier()
  const { secret, letters } = await receive()
  expect(letters.map(({ headers }) => headers['webhook-id'])).toEqual(['01ACTIVATION', '01FOLLOW'])
  expect(letters.map(({ headers, text }) => isGenuine(secret, headers, text, now))).toEqual([
    true,
    true,
  ])
})

test('and tells another secret, body, id, time and signature (refused)', async () => {
  const isGenuine = await readmeVerifier()
  const { secret, letters, url } = await receive()
  const [letter] = letters
  const { headers = {}, text = '' } = letter ?? {}
  const later = 301_000
  const forged = [
    isGenuine(webhookSecret(signer.vault, 2, url)?.secret ?? '', headers, text, now),
    isGenuine(webhookSecret(signer.vault, 1, `${url}2`)?.secret ?? '', headers, text, now),
    isGenuine(secret, headers, `${text} `, now),
    isGenuine(secret, { ...headers, 'webhook-id': '01OTHER' }, text, now),
    isGenuine(secret, headers, text, now + later),
    isGenuine(secret, headers, text, now - later),
    isGenuine(secret, { ...headers, 'webhook-timestamp': 'soon' }, text, now),
    isGenuine(secret, { ...headers, 'webhook-signature': undefined }, text, now),
    isGenuine(secret, { ...headers, 'webhook-signature': 'v1,' }, text, now),
    isGenuine(
      secret,
      {
        ...headers,
        'webhook-signature': headers['webhook-signature']?.toString().replace('v1', 'v2'),
      },
      text,
      now,
    ),
  ]
  expect(forged).toEqual(forged.map(() => false))
  const two = `v1,AAAA ${headers['webhook-signature']?.toString()}`
  expect(isGenuine(secret, { ...headers, 'webhook-signature': two }, text, now)).toBe(true)
})

test('one receiver has one secret, whatever stands behind the question mark', () => {
  const secretOf = (url: string) => webhookSecret(signer.vault, 1, url)?.secret
  expect(secretOf('https://a.example/x?person=1')).toBe(
    secretOf('https://A.example:443/x?person=2#y'),
  )
  expect(secretOf('https://a.example/x')).not.toBe(secretOf('https://a.example/y'))
  expect(secretOf('https://a.example/x')).not.toBe(secretOf('http://a.example/x'))
  const other = openVault(Buffer.alloc(32, 1))
  expect(webhookSecret(other, 1, 'https://a.example/x')?.secret).not.toBe(
    secretOf('https://a.example/x'),
  )
  expect(secretOf('https://a.example/x')).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
  expect(secretOf('ftp://a.example/')).toBeUndefined()
})
