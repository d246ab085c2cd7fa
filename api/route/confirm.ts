import { Hono } from 'hono'
import { fail } from '../../core/errors.ts'
import { readBytes } from './body.ts'

const bodyBytesMax = 1000

/** A page that fetches nothing and sends its form here alone. */
const policy = "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

/**
 * The way back of a double opt-in: `POST /v1/consent/confirm` with the token as JSON or as a form. A link in a letter
 * can only be a GET, and programs that look letters through follow links; so `GET` shows a button and confirms
 * nothing. Who has the token needs no key: it was sent to the address that it stands for.
 *
 * @param confirm turns the grant into one that counts; throws confirmation_unknown
 */
export function confirmRoutes(confirm: (token: string) => Promise<unknown>): Hono {
  const app = new Hono()
  app.get('/v1/consent/confirm', (c) => {
    const token = c.req.query('token') ?? ''
    if (!isToken(token)) throw fail('confirmation_unknown')
    c.header('Content-Security-Policy', policy)
    c.header('Cache-Control', 'no-store')
    return c.html(page(token))
  })
  app.post('/v1/consent/confirm', async (c) => {
    const text = Buffer.from(await readBytes(c.req.raw, bodyBytesMax)).toString('utf8')
    const isForm = c.req.header('content-type')?.startsWith('application/x-www-form-urlencoded')
    const token = isForm ? new URLSearchParams(text).get('token') : tokenIn(text)
    if (!token || !isToken(token)) throw fail('confirmation_unknown')
    await confirm(token)
    c.header('Cache-Control', 'no-store')
    return c.json({ confirmed: true })
  })
  return app
}

/** Of the characters of base64url alone, so that it may stand in a page as it is. */
const isToken = (token: string): boolean => /^ct_[\w-]{43}$/.test(token)

function tokenIn(text: string): string | undefined {
  try {
    const body: unknown = JSON.parse(text)
    const token: unknown = typeof body === 'object' && body ? Reflect.get(body, 'token') : undefined
    return typeof token === 'string' ? token : undefined
  } catch {
    return undefined
  }
}

const page = (token: string): string => `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Confirm</title>
<form method="post" action="/v1/consent/confirm">
<input type="hidden" name="token" value="${token}">
<button>Confirm</button>
</form></html>
`
