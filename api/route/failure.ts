import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { asSlateboardError, type SlateboardError } from '../../core/errors.ts'

/** Seconds after which a client should try again, by status. */
const retryAfterSeconds: Readonly<Record<number, number>> = { 429: 1, 503: 5 }

const contentfulStatus = (status: number): ContentfulStatusCode =>
  status === 400 ||
  status === 401 ||
  status === 403 ||
  status === 404 ||
  status === 409 ||
  status === 413 ||
  status === 415 ||
  status === 422 ||
  status === 429 ||
  status === 503
    ? status
    : 500

/**
 * Answers with a catalogued error: `{ error: { code, message, remedy, requestId } }`. What is not in the
 * catalogue becomes `internal`, so no text of a driver or a stack reaches a client.
 */
export function answerFailure(c: Context, thrown: unknown, requestId: string): Response {
  const error: SlateboardError = asSlateboardError(thrown)
  const seconds = retryAfterSeconds[error.status]
  if (seconds !== undefined) {
    c.header('Retry-After', String(seconds))
    c.header('X-RateLimit-Reset', String(seconds))
  }
  c.header('X-Request-Id', requestId)
  return c.json({ error: { ...error.body(), requestId } }, contentfulStatus(error.status))
}
