import { describe, expect, test } from 'vitest'
import { Budget } from '../../../core/egress/budget.ts'
import { cover } from '../../../core/egress/echo.ts'
import { HandleBook } from '../../../core/egress/handle.ts'
import { leakIn, needlesOf, unreadable } from '../../../core/egress/leak.ts'
import { prepare, usesIn } from '../../../core/egress/prepare.ts'
import { readAsked, targetOf } from '../../../core/egress/request.ts'
import { hashed } from '../../../core/flow/dispatch/hashed.ts'
import { CallDenied } from '../../../core/host/denied.ts'
import { manifestSchema } from '../../../core/model/manifest.ts'
import type { Json } from '../../../core/model/json.ts'
import { pluginManifest } from '../../support/pluginFolder.ts'

const { network } = manifestSchema.parse(
  pluginManifest({
    network: [
      {
        host: 'api.test',
        methods: ['GET', 'POST'],
        purpose: 'service',
        reason: 'x',
        secrets: [{ name: 'KEY' }, { name: 'ID', in: ['query', 'body'] }],
      },
      { host: '*.ads.test', methods: ['POST'], purpose: 'marketing.ads', reason: 'x' },
      { host: '*.ads.test', methods: ['POST'], purpose: 'analytics', reason: 'x' },
    ],
  }),
)

/** What the work gives, or the code of its denial. */
function tried<T>(work: () => T): T | string {
  try {
    return work()
  } catch (thrown) {
    if (thrown instanceof CallDenied) return thrown.denial.code
    throw thrown
  }
}

const asked = (said: object) => readAsked(JSON.stringify({ url: 'https://api.test/', ...said }))
const targeted = (said: object) =>
  tried(() => {
    const { url, purpose } = targetOf(asked(said), network)
    return `${url.href} for ${purpose}`
  })

describe('what is asked for', () => {
  test.each([
    ['no JSON', '{'],
    ['an unknown key', '{"url":"https://api.test/","agent":1}'],
    ['an unknown method', '{"url":"https://api.test/","method":"TRACE"}'],
    ['a GET with a body', '{"url":"https://api.test/","body":"x"}'],
    ['a header of two lines', '{"url":"https://api.test/","headers":{"a":"x\\r\\nb: y"}}'],
    ['a header name with a colon', '{"url":"https://api.test/","headers":{"a:b":"x"}}'],
    ...[
      'Host',
      'content-length',
      'Transfer-Encoding',
      'connection',
      'Proxy-Authorization',
      'Cookie',
    ].map((name) => [
      `the header ${name}`,
      `{"url":"https://api.test/","headers":{"${name}":"x"}}`,
    ]),
    [
      'too large headers',
      JSON.stringify({ url: 'https://api.test/', headers: { a: 'x'.repeat(9000) } }),
    ],
  ])('is refused with %s', (_what, text) => {
    expect(tried(() => readAsked(text ?? ''))).toBe('call_invalid')
  })

  test.each([
    [{}, 'https://api.test/ for service'],
    [{ url: 'https://API.test:443/a#part' }, 'https://api.test/a for service'],
    [{ url: 'https://a𝗽i.test/' }, 'https://api.test/ for service'],
    [{ purpose: 'service.orders' }, 'https://api.test/ for service.orders'],
    [{ method: 'DELETE' }, 'not_declared'],
    [{ purpose: 'marketing' }, 'not_declared'],
    [{ url: 'https://eu.ads.test/', method: 'POST' }, 'purpose_needed'],
    [
      { url: 'https://eu.ads.test/', method: 'POST', purpose: 'analytics' },
      'https://eu.ads.test/ for analytics',
    ],
    [{ url: 'https://ads.test/', method: 'POST' }, 'not_declared'],
    [{ url: 'https://evilads.test/', method: 'POST' }, 'not_declared'],
    [{ url: 'https://api.test.evil.test/' }, 'not_declared'],
    [{ url: 'https://evil.test/api.test' }, 'not_declared'],
    [{ url: 'https://evil.test\\@api.test/' }, 'not_declared'],
    [{ url: 'https://evil.test#@api.test/' }, 'not_declared'],
    [{ url: 'https://api.test@evil.test/' }, 'url_invalid'],
    [{ url: 'https://user:pass@api.test/' }, 'url_invalid'],
    [{ url: 'https://api.test./' }, 'url_invalid'],
    [{ url: 'https://xn--a/' }, 'not_declared'],
    [{ url: 'https://api test/' }, 'url_invalid'],
    [{ url: 'ftp://api.test/' }, 'url_invalid'],
    [{ url: '/relative' }, 'url_invalid'],
    [{ url: 'https://аpi.test/' }, 'not_declared'],
    [{ url: 'https://127.0.0.1/' }, 'not_declared'],
  ])('%j is %s', (said, what) => {
    expect(targeted(said)).toBe(what)
  })

  test('is told back without what the plugin wrote', () => {
    try {
      targetOf(asked({ url: 'https://ada-lovelace.evil.test/' }), network)
      expect.unreachable()
    } catch (thrown) {
      expect(JSON.stringify(thrown instanceof CallDenied && thrown.denial)).not.toContain('ada')
    }
  })
})

const book = new HandleBook()
const email = book.issue({ profileId: 'P', key: 'email', source: { vault: 'P' } })
const name = book.issue({ profileId: 'P', key: 'full name: x', source: { vault: 'P' } })
const values: Record<string, Json> = { email: ' Ada@X.test ', 'full name: x': 'Ada "Q" & Co' }
const fillings = {
  secret: (key: string) => ({ KEY: 'k3y+/=', ID: 'a"b&c', BROKEN: 'a\nb' })[key],
  pii(token: string) {
    const found = book.find(token, 'P')
    return found && { key: found.key, value: values[found.key] ?? null }
  },
}

function prepared(said: object) {
  const request = asked({ method: 'POST', ...said })
  const target = targetOf(request, network)
  usesIn(request, target)
  return prepare(request, target, fillings).outbound
}

describe('a placeholder', () => {
  test('of a secret is filled in where the manifest lets it stand, and nowhere else (refused)', () => {
    const headers = { authorization: 'Bearer {{secret:KEY}}', b: 'Basic {{secret:KEY|base64}}' }
    expect(prepared({ headers }).headers).toMatchObject({
      authorization: 'Bearer k3y+/=',
      b: `Basic ${Buffer.from('k3y+/=').toString('base64')}`,
    })
    expect(prepared({ url: 'https://api.test/?id={{secret:ID}}' }).url.search).toBe('?id=a%22b%26c')
    expect(prepared({ body: '{"id":"{{secret:ID}}"}' }).body).toBe('{"id":"a\\"b&c"}')
    for (const said of [
      { body: '{{secret:KEY}}' },
      { url: 'https://api.test/?k={{secret:KEY}}' },
      { headers: { a: '{{secret:ID}}' } },
      { headers: { a: '{{secret:OTHER}}' } },
      { url: 'https://eu.ads.test/', purpose: 'analytics', headers: { a: '{{secret:KEY}}' } },
    ]) {
      expect(tried(() => prepared(said))).toBe('secret_misplaced')
    }
    expect(
      tried(() =>
        prepare(asked({ headers: { a: '{{secret:KEY}}' } }), targetOf(asked({}), network), {
          ...fillings,
          secret: () => undefined,
        }),
      ),
    ).toBe('secret_unknown')
  })

  test('of personal data is written as its place needs it, or hashed as platforms match it', () => {
    expect(prepared({ body: JSON.stringify({ name, email }) }).body).toBe(
      '{"name":"Ada \\"Q\\" & Co","email":" Ada@X.test "}',
    )
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    expect(
      prepared({ headers: form, body: `n=${encodeURIComponent(name)}&x={{${name}}}` }).body,
    ).toBe('n=Ada%20%22Q%22%20%26%20Co&x=Ada%20%22Q%22%20%26%20Co')
    const sha = hashed('email', 'ada@x.test')
    expect(prepared({ body: `{"em":"{{${email}|sha256}}"}` }).body).toBe(`{"em":"${sha}"}`)
    expect(prepared({ url: `https://api.test/?e={{${email}|sha256}}` }).url.search).toBe(
      `?e=${sha}`,
    )
    expect(prepared({ url: `https://api.test/${encodeURIComponent(email)}` }).url.pathname).toBe(
      '/%20Ada%40X.test%20',
    )
  })

  test('of another person, of nothing, or in a header is refused', () => {
    const token = /h_(.{22})$/.exec(email)?.[1] ?? ''
    expect(book.find(token, 'P')).toMatchObject({ key: 'email' })
    expect(book.find(token, 'Q')).toBeUndefined()
    expect(tried(() => prepared({ body: `pii:email:h_${'x'.repeat(22)}` }))).toBe('handle_unknown')
    expect(tried(() => prepared({ headers: { a: email } }))).toBe('handle_misplaced')
  })

  test('is another one each time', () => {
    const again = book.issue({ profileId: 'P', key: 'email', source: { vault: 'P' } })
    expect(again).toMatch(/^pii:email:h_[\w-]{22}$/)
    expect(again).not.toBe(email)
  })
})

test('an answer comes back without what the request carried, in every usual form', () => {
  const secret = 's3cr/t "x"'
  const forms = [
    secret,
    secret.toUpperCase(),
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret),
    Buffer.from(secret).toString('base64'),
    Buffer.from(secret).toString('hex'),
  ]
  expect(cover(forms.join(' ~ '), [[secret, '[secret KEY]']])).toBe(
    forms.map(() => '[secret KEY]').join(' ~ '),
  )
  expect(
    cover('kept', [
      [secret, 'x'],
      ['kep', 'x'],
    ]),
  ).toBe('kept')
})

describe('personal data that a plugin puts in by itself', () => {
  const needles = [
    ...needlesOf('email', 'Ada.L@Example.test'),
    ...needlesOf('phone', '+49 30 123456'),
    ...needlesOf('city', 'Berlin'),
    ...needlesOf('address', { street: 'Unter den Linden 77', zip: 10_117 }),
    ...needlesOf('sex', 'f'),
  ]
  const mail = 'ada.l@example.test'
  const base64 = (text: string) => Buffer.from(text).toString('base64')
  test.each([
    ['as it is', `{"to":"${mail}"}`, 'email'],
    ['in capitals', mail.toUpperCase(), 'email'],
    ['in full-width letters', 'ａｄａ.l@example.test', 'email'],
    ['in a URL', `?e=${encodeURIComponent(mail)}`, 'email'],
    ['escaped twice', encodeURIComponent(encodeURIComponent(mail)), 'email'],
    [
      'with every character escaped',
      Array.from(mail, (c) => `%${c.charCodeAt(0).toString(16)}`).join(''),
      'email',
    ],
    ['beside a broken escape', `%zz%${encodeURIComponent(mail)}`, 'email'],
    [
      'in JSON escapes',
      Array.from(mail, (c) => `\\u00${c.charCodeAt(0).toString(16)}`).join(''),
      'email',
    ],
    ['in entities', Array.from(mail, (c) => `&#${c.charCodeAt(0)};`).join(''), 'email'],
    ['in base64', base64(mail), 'email'],
    ['in base64 at another offset', base64(`xy${mail}`), 'email'],
    ['in base64 within a longer run', `/v1/${base64(`x${mail}`)}`, 'email'],
    ['in base64url', Buffer.from(`~~~${mail}`).toString('base64url'), 'email'],
    ['in base64 twice', base64(base64(mail)), 'email'],
    ['in hex', Buffer.from(mail).toString('hex'), 'email'],
    ['in hex capitals', Buffer.from(`x${mail}`).toString('hex').toUpperCase(), 'email'],
    ['as digits', 'call 4930123456', 'phone'],
    ['as a number written otherwise', '+49 (30) 12-34-56', 'phone'],
    ['as a word', 'from BERLIN.', 'city'],
    ['inside an object', 'unter den linden 77', 'address'],
  ])('is found %s', (_how, text, key) => {
    expect(leakIn(text, needles)).toBe(key)
  })

  test.each([
    ['a handle', email],
    ['a word that only holds it', 'Berliner'],
    ['a value too short to tell', 'f'],
    ['other digits', '4930123457'],
    ['another address', 'bob@example.test'],
  ])('is not found in %s', (_what, text) => {
    expect(leakIn(text, needles)).toBeUndefined()
  })

  test('is found in the largest body, and what takes too long to look through is refused', () => {
    const plain = JSON.stringify(Array.from({ length: 8000 }, (_, n) => ({ id: n, note: 'fine' })))
    expect(plain.length).toBeGreaterThan(200_000)
    expect(leakIn(plain, needles)).toBeUndefined()
    expect(leakIn(plain + base64(mail), needles)).toBe('email')
    const convoluted = '%41\\u0041YWRh+&#65;'.repeat(15_000)
    expect(leakIn(convoluted, needles)).toBe(unreadable)
  })
})

describe('a budget', () => {
  test("is refilled within a minute, and one plugin spends nobody else's", () => {
    const budget = new Budget({ callsPerMinute: 2, bytesPerMinute: 100, flyingMax: 1 })
    const take = (plugin: string, bytes: number, now: number) =>
      tried(() => budget.take(plugin, bytes, now)) ?? 'taken'
    expect([take('a', 10, 0), take('a', 10, 0), take('a', 10, 0)]).toEqual([
      'taken',
      'taken',
      'rate_limited',
    ])
    expect(take('b', 10, 0)).toBe('taken')
    expect(take('a', 10, 30_000)).toBe('taken')
    expect(take('b', 99, 0)).toBe('rate_limited')
    expect(take('b', 99, 60_000)).toBe('taken')
  })

  test('lets so many fly at once, and the others in their turn', async () => {
    const budget = new Budget({ callsPerMinute: 9, bytesPerMinute: 9, flyingMax: 2 })
    let now = 0
    let most = 0
    const fly = () =>
      budget.fly('a', 0, async () => {
        now += 1
        most = Math.max(most, now)
        await new Promise(setImmediate)
        now -= 1
      })
    await Promise.all([fly(), fly(), fly(), fly(), fly()])
    expect([most, now]).toEqual([2, 0])
  })
})
