import { createPublicKey, verify, type KeyObject } from 'node:crypto'
import { isObject, type Json, type JsonObject } from '../model/json.ts'

const charactersMax = 20_000
const rsaBitsMin = 2048

/** A key as PEM or as the text of a JWK; undefined for one that cannot or may not verify anything here. */
export function readPublicKey(text: string): KeyObject | undefined {
  try {
    const key = text.trimStart().startsWith('{')
      ? createPublicKey({ key: JSON.parse(text), format: 'jwk' })
      : createPublicKey(text)
    return algorithmOf(key) === undefined ? undefined : key
  } catch {
    return undefined
  }
}

/** What a key verifies: its type says so, and never the token, which could name what suits its maker. */
function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject) {
  if (asymmetricKeyType === 'rsa') {
    return (asymmetricKeyDetails?.modulusLength ?? 0) >= rsaBitsMin ? 'RS256' : undefined
  }
  const isP256 = asymmetricKeyType === 'ec' && asymmetricKeyDetails?.namedCurve === 'prime256v1'
  return isP256 ? 'ES256' : undefined
}

/**
 * The claims of a JSON Web Token (RFC 7515, compact) that one of the keys signed; undefined for every other. RS256
 * and ES256 alone: `none` and shared secrets verify nothing, and an extension that we do not know (`crit`) may
 * change what is signed.
 */
export function verifyJwt(token: string, keys: readonly KeyObject[]): JsonObject | undefined {
  if (token.length > charactersMax) return undefined
  const [head = '', payload = '', signature = '', ...more] = token.split('.')
  if (more.length > 0 || ![head, payload, signature].every(isBase64Url)) return undefined
  const header = read(head)
  if (!isObject(header) || header['crit'] !== undefined) return undefined
  const signed = Buffer.from(`${head}.${payload}`)
  const bytes = Buffer.from(signature, 'base64url')
  const isSigned = keys.some(
    (key) =>
      algorithmOf(key) === header['alg'] &&
      verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, bytes),
  )
  const claims = isSigned ? read(payload) : undefined
  return isObject(claims) ? claims : undefined
}

/** Without padding, and each text by its one spelling. */
const isBase64Url = (text: string): boolean =>
  text !== '' && Buffer.from(text, 'base64url').toString('base64url') === text

function read(part: string): Json | undefined {
  try {
    const parsed: Json = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
    return parsed
  } catch {
    return undefined
  }
}
