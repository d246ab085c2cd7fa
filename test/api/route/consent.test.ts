import { expect, test } from 'vitest'
import { ingestRoutes } from '../../../api/route/ingest.ts'
import { systemClock } from '../../../core/clock.ts'
import { fakeIngest } from '../../support/fakeIngest.ts'

const log = { warn: () => {}, error: () => {} }

function open() {
  const port = fakeIngest()
  const app = ingestRoutes({ port, clock: systemClock(), log })
  return {
    port,
    post: (path: string, body: unknown, headers: Record<string, string> = {}) =>
      app.request(path, {
        method: 'POST',
        headers: { authorization: 'WK', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    get: (path: string, headers: Record<string, string>) => app.request(path, { headers }),
  }
}

const item = { type: 'track', userId: 'u1', event: 'x' }

test.each(['1', ' 1', '1, 1', '0, 1'])('takes Sec-GPC: %s for an opt-out', async (value) => {
  const { port, post } = open()
  await post('/v1/track', item, { 'sec-gpc': value })
  await post('/v1/batch', { batch: [item, item] }, { 'sec-gpc': value })
  expect(port.events.map(({ gpc }) => gpc)).toEqual([true, true, true])
})

test.each(['0', 'true', '11', '1.0', '', '?1'])('takes Sec-GPC: %s for none', async (value) => {
  const { port, post } = open()
  await post('/v1/track', item, { 'sec-gpc': value })
  await post('/v1/track', { ...item, gpc: true })
  expect(port.events.map(({ gpc }) => gpc)).toEqual([undefined, undefined])
})

test('hears Global Privacy Control at the pixel too', async () => {
  const { port, get } = open()
  const data = encodeURIComponent(JSON.stringify({ ...item, writeKey: 'WK' }))
  await get(`/v1/pixel/track?data=${data}`, { 'sec-gpc': '1' })
  expect(port.events).toMatchObject([{ gpc: true }])
})

const receipt = {
  identifier: 'ada@example.com',
  requestInformation: 'eyJhbGciOiJSUzUxMiJ9.e30.x',
  purposes: [{ Id: 'analytics', TransactionType: 'CONFIRMED' }],
  dsDataElements: { FirstName: 'Ada' },
  test: false,
}

test('takes a OneTrust receipt, of which only the purposes are kept', async () => {
  const { port, post } = open()
  const response = await post('/v1/consent/onetrust', receipt)
  expect(response.status).toBe(200)
  expect(await response.json()).toMatchObject({ accepted: 1, rejected: [] })
  expect(port.events).toMatchObject([
    {
      identifiers: [{ namespace: 'email', value: 'ada@example.com' }],
      properties: { dialect: 'onetrust' },
      receipt: { dialect: 'onetrust', body: { purposes: receipt.purposes } },
    },
  ])
  expect(JSON.stringify(port.events)).not.toMatch(/FirstName/)
  await post('/v1/consent/onetrust', receipt)
  expect(port.events).toHaveLength(2)
})

test.each([
  ['is a test', { ...receipt, test: true }, 'item_invalid'],
  ['names nobody', { ...receipt, identifier: 'null' }, 'no_usable_identifier'],
  ['has no identifier', { purposes: receipt.purposes }, 'no_usable_identifier'],
])('rejects a OneTrust receipt that %s (refused)', async (_, body, code) => {
  const { port, post } = open()
  const response = await post('/v1/consent/onetrust', body)
  expect(await response.json()).toMatchObject({ accepted: 0, rejected: [{ index: 0, code }] })
  expect(port.events).toEqual([])
})

const consent = { scope: 'shop', typeIdentifier: 'analytics', status: 'GRANTED' }

test('takes Unomi consents of a profile, of one event and of many, each on its own', async () => {
  const { port, post } = open()
  const event = { eventType: 'modifyConsent', properties: { consent } }
  const unomi = (body: unknown) => post('/v1/consent/unomi', body)
  await unomi({ itemId: 'p1', itemType: 'profile', consents: { 'shop/analytics': consent } })
  await unomi({ ...event, profileId: 'p2' })
  const events = [event, { eventType: 'view' }, 7, { ...event, userId: 'ada' }]
  const answer = await unomi({ profileId: 'p3', events })
  expect(await answer.json()).toMatchObject({
    accepted: 2,
    rejected: [{ index: 1 }, { index: 2 }],
  })
  expect(port.events.map(({ identifiers }) => identifiers[0])).toEqual([
    { namespace: 'unomi_profile_id', value: 'p1' },
    { namespace: 'unomi_profile_id', value: 'p2' },
    { namespace: 'unomi_profile_id', value: 'p3' },
    { namespace: 'user_id', value: 'ada' },
  ])
  for (const { receipt } of port.events) {
    expect(receipt?.body).toEqual({ consents: { 'shop/analytics': consent } })
  }
})

test.each(['onetrust', 'unomi'])(
  'refuses %s without a write key and what is no JSON',
  async (name) => {
    const { post } = open()
    const path = `/v1/consent/${name}`
    expect((await post(path, receipt, { authorization: 'nobody' })).status).toBe(401)
    expect((await post(path, '[')).status).toBe(400)
    expect((await post(path, String.raw`{"identifier":"a\u0000b"}`)).status).toBe(400)
  },
)

test('knows no other dialect of receipts', async () => {
  const { post } = open()
  expect((await post('/v1/consent/other', receipt)).status).toBe(404)
})
