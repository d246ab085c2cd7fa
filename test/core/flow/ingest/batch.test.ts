import { expect, test } from 'vitest'
import type { Clock } from '../../../../core/clock.ts'
import { parseItems, readBody, type CallType } from '../../../../core/flow/ingest/batch.ts'
import type { Rejection } from '../../../../core/flow/ingest/item.ts'
import type { IncomingEvent } from '../../../../core/model/event.ts'

const receivedAt = new Date('2026-05-01T12:00:00.000Z')
const clock: Clock = { now: () => receivedAt, id: () => 'assigned' }

const parseText = (call: CallType, text: string) =>
  parseItems(call, readBody(Buffer.from(text)), clock)

const parse = (call: CallType, body: unknown) => parseText(call, JSON.stringify(body))

function understood(call: CallType, body: unknown): IncomingEvent {
  const [item] = parse(call, body)
  if (!item || !('ok' in item)) expect.fail(JSON.stringify(item))
  return item.ok
}

function refused(call: CallType, body: unknown): Rejection {
  const [item] = parse(call, body)
  if (!item || !('rejected' in item)) expect.fail(JSON.stringify(item))
  return item.rejected
}

const track = { userId: 'u1', event: 'Bought' }

test('understands a track call', () => {
  const body = { ...track, messageId: 'm1', properties: { total: 5 }, context: { ip: '1.2.3.4' } }
  expect(understood('track', body)).toEqual({
    messageId: 'm1',
    type: 'track',
    name: 'Bought',
    identifiers: [{ namespace: 'user_id', value: 'u1' }],
    traits: {},
    properties: { total: 5 },
    context: { ip: '1.2.3.4' },
    timestamp: receivedAt,
    originalTimestamp: null,
    sentAt: null,
    receivedAt,
  })
})

test('assigns a message id where none came', () => {
  expect(understood('track', track).messageId).toBe('assigned')
  expect(understood('track', { ...track, messageId: '' }).messageId).toBe('assigned')
})

test('merges what stands on the batch into each item; the item wins', () => {
  const event = understood('batch', {
    context: { library: { name: 'x' }, locale: 'de' },
    integrations: { All: false },
    batch: [{ ...track, type: 'track', context: { locale: 'fr' }, integrations: { Mail: true } }],
  })
  expect(event.context).toEqual({
    library: { name: 'x' },
    locale: 'fr',
    integrations: { All: false, Mail: true },
  })
})

test('finds the identifiers, strongest first, each once, without those of nobody', () => {
  const { identifiers } = understood('identify', {
    anonymousId: 'a1',
    userId: ' u1 ',
    traits: { email: ' Ann@Example.COM', phone: '+49 (30) 123-456' },
    context: {
      traits: { email: 'old@example.com' },
      device: { type: 'iOS', id: 'd1', advertisingId: '00000000-0000', token: 'p1' },
      groupId: 'g1',
      externalIds: [
        { id: 'x1', type: 'crm', collection: 'users', encoding: 'none' },
        { id: 'x2', type: 'crm', collection: 'accounts', encoding: 'none' },
        { id: 'u1', type: 'user_id' },
      ],
    },
  })
  expect(identifiers).toEqual([
    { namespace: 'user_id', value: 'u1' },
    { namespace: 'email', value: 'ann@example.com' },
    { namespace: 'phone', value: '+4930123456' },
    { namespace: 'ios.id', value: 'd1' },
    { namespace: 'ios.push_token', value: 'p1' },
    { namespace: 'crm', value: 'x1' },
    { namespace: 'anonymous_id', value: 'a1' },
  ])
})

test('takes no identifier from a thing that is not one (refused)', () => {
  const { identifiers } = understood('identify', {
    userId: 'u1',
    traits: { email: 'none', phone: 'ext. 12' },
    context: {
      device: { type: 'toaster', id: 'd1' },
      externalIds: [{ id: 'x', type: '__proto__' }],
    },
  })
  expect(identifiers).toEqual([{ namespace: 'user_id', value: 'u1' }])
})

test('promotes traits of the context, keeps null as removal, and lets identify win', () => {
  const event = understood('identify', {
    userId: 'u1',
    traits: { plan: 'pro', old: null, empty: '' },
    context: { traits: { plan: 'free', city: 'Rome' }, ip: '1.2.3.4' },
  })
  expect(event.traits).toEqual({ plan: 'pro', city: 'Rome', old: null, empty: '' })
  expect(event.context).toEqual({ ip: '1.2.3.4' })
  const tracked = understood('track', { ...track, context: { traits: { city: 'Rome' } } })
  expect(tracked.traits).toEqual({ city: 'Rome' })
})

test('keeps a group as a fact about the event, never as an identifier of the person', () => {
  const event = understood('group', { userId: 'u1', groupId: 'g1', traits: { name: 'Acme' } })
  expect(event.properties).toEqual({ name: 'Acme', groupId: 'g1' })
  expect(event.traits).toEqual({})
  expect(event.identifiers).toEqual([{ namespace: 'user_id', value: 'u1' }])
})

test('gives the previous id of an alias as either kind; an alias to itself joins nothing', () => {
  expect(understood('alias', { userId: 'u1', previousId: 'p1' }).identifiers).toEqual([
    { namespace: 'user_id', value: 'u1' },
    { namespace: 'user_id', value: 'p1' },
    { namespace: 'anonymous_id', value: 'p1' },
  ])
  const self = understood('alias', { userId: 'u1', previousId: 'u1' }).identifiers
  expect(self).toEqual([{ namespace: 'user_id', value: 'u1' }])
})

test.each([
  ['no id at all', 'track', { event: 'x' }, 'no_user_anon_id'],
  ['an id that is an object', 'track', { event: 'x', userId: { a: 1 } }, 'no_user_anon_id'],
  ['an id that stands for nobody', 'track', { event: 'x', userId: 'null' }, 'no_usable_identifier'],
  ['track without event', 'track', { userId: 'u1' }, 'item_invalid'],
  ['group without groupId', 'group', { userId: 'u1' }, 'item_invalid'],
  ['alias without previousId', 'alias', { userId: 'u1' }, 'item_invalid'],
  [
    'a message id of 101 characters',
    'track',
    { ...track, messageId: 'm'.repeat(101) },
    'item_invalid',
  ],
  ['an unknown type', 'batch', { batch: [{ ...track, type: 'shout' }] }, 'item_invalid'],
  ['an item that is no object', 'batch', { batch: [7] }, 'item_invalid'],
  [
    'an item beyond 32 KB',
    'batch',
    { batch: [{ ...track, type: 'track', x: 'é'.repeat(17_000) }] },
    'item_too_large',
  ],
  ['U+0000', 'track', { ...track, properties: { x: 'a\u0000b' } }, 'item_unstorable'],
  ['U+0000 in a key', 'track', { ...track, properties: { ['a\u0000']: 1 } }, 'item_unstorable'],
  [
    'half of a surrogate pair',
    'track',
    { ...track, properties: { x: ['\ud83d'] } },
    'item_unstorable',
  ],
  [
    '301 keys',
    'track',
    {
      ...track,
      properties: Object.fromEntries(
        Array(301)
          .entries()
          .map(([n]) => [n, n]),
      ),
    },
    'too_many_keys',
  ],
] as const)('refuses %s', (_, call, body, code) => {
  expect(refused(call, body)).toMatchObject({ status: 'rejected', code })
})

test('accepts what lies just inside the limits', () => {
  const properties = Object.fromEntries(
    Array(300)
      .entries()
      .map(([n]) => [n, n]),
  )
  const event = understood('track', { ...track, messageId: 'm'.repeat(100), properties })
  expect(Object.keys(event.properties)).toHaveLength(300)
  expect(
    understood('track', { ...track, properties: { x: '\ud83d\ude00 \\u0000' } }).properties,
  ).toEqual({
    x: '\ud83d\ude00 \\u0000',
  })
})

test('refuses nesting and numbers that Postgres could not take', () => {
  const deep = `{"userId":"u1","event":"x","properties":${'{"a":'.repeat(40)}1${'}'.repeat(40)}}`
  expect(parseText('track', deep)).toMatchObject([{ rejected: { code: 'item_too_deep' } }])
  const abyss = `{"batch":[{"userId":"u1","type":"track","event":"x","y":${'['.repeat(100_000)}${']'.repeat(100_000)}}]}`
  expect(parseText('batch', abyss)).toMatchObject([{ rejected: { code: 'item_too_large' } }])
  const huge = '{"userId":"u1","event":"x","properties":{"n":1e999}}'
  expect(parseText('track', huge)).toMatchObject([{ rejected: { code: 'item_unstorable' } }])
})

test('drops keys that could reach a prototype, at any depth', () => {
  const text = `{"userId":"u1","traits":{"__proto__":{"admin":true},"constructor":1,"a":{"__proto__":2,"b":1}}}`
  const [item] = parseText('identify', text)
  expect(item).toMatchObject({ ok: { traits: { a: { b: 1 } } } })
  expect(JSON.stringify(item)).not.toMatch(/__proto__|constructor/)
  expect(Object.getPrototypeOf({})).not.toHaveProperty('admin')
})

test('rejects one bad item and keeps the others, in order', () => {
  const items = parse('batch', {
    batch: [
      { ...track, type: 'track' },
      { type: 'track', messageId: 'bad' },
      { ...track, type: 'page' },
    ],
  })
  expect(items).toMatchObject([
    { ok: { type: 'track' } },
    { rejected: { messageId: 'bad', code: 'no_user_anon_id' } },
    { ok: { type: 'page', name: '' } },
  ])
})

test.each([
  ['no JSON', 'track', '{"a":', 'body_not_json'],
  ['an array', 'track', '[]', 'body_not_json'],
  ['no batch', 'batch', '{}', 'body_not_json'],
  ['2501 items', 'batch', `{"batch":[${Array(2501).fill('1').join()}]}`, 'batch_too_long'],
  [
    'a shared context beyond 4 KB',
    'batch',
    `{"context":{"a":"${'x'.repeat(5000)}"},"batch":[]}`,
    'item_too_large',
  ],
] as const)('refuses the whole request with %s', (_, call, text, code) => {
  expect(() => parseText(call, text)).toThrow(expect.objectContaining({ code }))
})

const at = (fields: object): IncomingEvent => understood('track', { ...track, ...fields })

test('corrects the clock of the client by the time between event and sending', () => {
  const event = at({ timestamp: '2026-05-01T09:00:00Z', sentAt: '2026-05-01T10:00:00Z' })
  expect(event.timestamp).toEqual(new Date('2026-05-01T11:00:00Z'))
  expect(event.originalTimestamp).toEqual(new Date('2026-05-01T09:00:00Z'))
})

test('reads the sending time from the batch, and originalTimestamp where timestamp is missing', () => {
  const event = understood('batch', {
    sentAt: '2026-05-01T10:00:00Z',
    batch: [{ ...track, type: 'track', originalTimestamp: '2026-05-01T09:30:00Z' }],
  })
  expect(event.timestamp).toEqual(new Date('2026-05-01T11:30:00Z'))
})

test('keeps history old', () => {
  const event = at({ timestamp: '2019-01-01T00:00:00Z', sentAt: '2026-05-01T12:00:00Z' })
  expect(event.timestamp).toEqual(new Date('2019-01-01T00:00:00Z'))
})

test('puts what would lie in the far future, or before 1970, at the time of arrival', () => {
  expect(at({ timestamp: '2026-05-03T12:00:00Z' }).timestamp).toEqual(receivedAt)
  expect(
    at({ timestamp: '1999-01-01T00:00:00Z', sentAt: '9999-01-01T00:00:00Z' }).timestamp,
  ).toEqual(receivedAt)
  expect(at({ timestamp: '2026-05-02T11:00:00Z' }).timestamp).toEqual(
    new Date('2026-05-02T11:00:00Z'),
  )
})

test.each(['yesterday', '+275760-09-13T00:00:00Z', '-000001-01-01T00:00:00Z', 1e20, true])(
  'takes the time of arrival for the unusable time %s',
  (timestamp) => {
    expect(at({ timestamp })).toMatchObject({ timestamp: receivedAt, originalTimestamp: null })
  },
)
