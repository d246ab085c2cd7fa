import { fail, SlateboardError, type ErrorCode } from '../core/errors.ts'

const retryable: ReadonlySet<ErrorCode> = new Set(['database_conflict', 'write_conflict'])

/** True when the transaction lost against another and running it again from the start may succeed. */
export function isRetryable(thrown: unknown): boolean {
  return retryable.has(asDatabaseError(thrown).code)
}

/**
 * What the driver threw as a catalogued error. SQLSTATE classes decide; what no client can act upon (a
 * statement that is wrong) becomes `internal`. The original stays as cause: its text may quote values,
 * so it belongs in no answer and no log line.
 */
export function asDatabaseError(thrown: unknown): SlateboardError {
  if (thrown instanceof SlateboardError) return thrown
  const code = codeOf(thrown)
  if (code === undefined) return fail('internal', {}, thrown)
  return fromSqlState(code, thrown) ?? fromConnection(code, thrown) ?? fail('internal', {}, thrown)
}

/** True when the database refuses the values themselves, and would again: SQLSTATE classes 22, 23 and 54. */
export function refusesData(thrown: unknown): boolean {
  const cause = thrown instanceof SlateboardError ? thrown.cause : thrown
  return /^(?:22|23|54)[0-9A-Z]{3}$/.test(codeOf(cause) ?? '')
}

function codeOf(thrown: unknown): string | undefined {
  if (thrown instanceof AggregateError) return codeOf(thrown.errors[0])
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined
  return typeof code === 'string' ? code : undefined
}

function fromSqlState(code: string, thrown: unknown): SlateboardError | undefined {
  if (!/^[0-9A-Z]{5}$/.test(code)) return undefined
  if (code === '53100') return fail('database_full', {}, thrown)
  if (code === '40001' || code === '40P01') {
    return fail('database_conflict', { sqlstate: code }, thrown)
  }
  if (code === '57014' || code === '55P03' || code === '25P03') {
    return fail('database_timeout', { sqlstate: code }, thrown)
  }
  const reason = unavailable[code] ?? unavailable[code.slice(0, 2)]
  return reason === undefined ? undefined : fail('database_unavailable', { reason }, thrown)
}

const unavailable: Readonly<Record<string, string>> = {
  '08': 'the connection broke',
  '28': 'the server refused the user or password of DATABASE_URL',
  '3D': 'the server has no database of that name',
  '25006': 'the server is read-only',
  '42501': 'the user of DATABASE_URL lacks a right; it has to be granted the role slateboard_app',
  '53': 'the server is out of connections or memory',
  '57P01': 'the server is shutting down',
  '57P02': 'the server crashed and is recovering',
  '57P03': 'the server is starting up',
  '58': 'the server met a system error',
}

function fromConnection(code: string, thrown: unknown): SlateboardError | undefined {
  const reason = disconnected[code]
  return reason === undefined ? undefined : fail('database_unavailable', { reason }, thrown)
}

const disconnected: Readonly<Record<string, string>> = {
  CONNECT_TIMEOUT: 'connecting took too long',
  CONNECTION_CLOSED: 'the connection was closed',
  CONNECTION_DESTROYED: 'the connection was closed',
  CONNECTION_ENDED: 'the connection was closed',
  EACCES: 'the socket may not be opened by this user',
  ECONNREFUSED: 'nothing listens at that address',
  ECONNRESET: 'the connection was reset',
  EHOSTUNREACH: 'the host cannot be reached',
  ENOENT: 'there is no such socket',
  ENETUNREACH: 'the network cannot be reached',
  ENOTFOUND: 'the host name is unknown',
  EAI_AGAIN: 'the host name cannot be looked up now',
  EPIPE: 'the connection broke',
  ETIMEDOUT: 'the host did not answer',
}
