import type { JsonObject } from '../../core/model/json.ts'

/** Keys are far shorter; anything longer is not looked up. */
const writeKeyMax = 200

/**
 * Every place where clients put the write key, most explicit first: Basic user name (with or without the
 * colon), Bearer, the header's whole value, `X-Write-Key`, the body. A Bearer token may be something
 * else than the key (Segment's OAuth), so callers try one after the other.
 */
export function writeKeysOf(headers: Headers, body: JsonObject): string[] {
  const { writeKey } = body
  const candidates = [
    fromAuthorization(headers.get('authorization') ?? ''),
    headers.get('x-write-key') ?? '',
    typeof writeKey === 'string' ? writeKey : '',
  ]
  return [...new Set(candidates)].filter((key) => key !== '' && key.length <= writeKeyMax)
}

function fromAuthorization(value: string): string {
  const [scheme = '', token] = value.trim().split(/\s+/, 2)
  if (token === undefined) return scheme
  if (/^bearer$/i.test(scheme)) return token
  if (!/^basic$/i.test(scheme)) return ''
  return Buffer.from(token, 'base64').toString().split(':', 1)[0] ?? ''
}
