import { expect, test } from 'vitest'
import { confirmRoutes } from '../../../api/route/confirm.ts'
import { fail, SlateboardError } from '../../../core/errors.ts'

const token = `ct_${'a'.repeat(43)}`
const path = '/v1/consent/confirm'

function open() {
  const confirmed: string[] = []
  const app = confirmRoutes(async (given) => {
    if (confirmed.includes(given)) throw fail('confirmation_unknown')
    confirmed.push(given)
  })
  app.onError((thrown, c) =>
    c.json({ code: thrown instanceof SlateboardError ? thrown.code : 'internal' }, 404),
  )
  return { app, confirmed }
}

const form = { 'Content-Type': 'application/x-www-form-urlencoded' }

test('confirms by JSON and by a form, once', async () => {
  for (const [body, headers] of [
    [JSON.stringify({ token }), {}],
    [`token=${token}`, form],
  ] as const) {
    const { app, confirmed } = open()
    const first = await app.request(path, { method: 'POST', body, headers })
    expect([first.status, await first.json(), confirmed]).toEqual([
      200,
      { confirmed: true },
      [token],
    ])
    const again = await app.request(path, { method: 'POST', body, headers })
    expect(await again.json()).toEqual({ code: 'confirmation_unknown' })
  }
})

test('shows a button to who follows the link, and confirms nothing by that (refused)', async () => {
  const { app, confirmed } = open()
  const response = await app.request(`${path}?token=${token}`)
  expect(response.headers.get('content-security-policy')).toMatch(/default-src 'none'/)
  expect(await response.text()).toContain(`value="${token}"`)
  expect(confirmed).toEqual([])
})

test.each(['', 'x', `${token}"><script>`, 'ct_', `ct_${'a'.repeat(44)}`])(
  'takes no %j for a token',
  async (given) => {
    const { app, confirmed } = open()
    const shown = await app.request(`${path}?token=${encodeURIComponent(given)}`)
    expect(await shown.text()).toBe('{"code":"confirmation_unknown"}')
    const body = JSON.stringify({ token: given })
    expect((await app.request(path, { method: 'POST', body })).status).toBe(404)
    expect(confirmed).toEqual([])
  },
)
