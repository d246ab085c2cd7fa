import { createHmac, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { expect, test } from 'vitest'
import { readPublicKey, verifyJwt } from '../../../core/consent/signature.ts'

/** RFC 7515, appendix A.2: RS256. */
const rsa = {
  key: {
    kty: 'RSA',
    n: 'ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ',
    e: 'AQAB',
  },
  token:
    'eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw',
}

/** RFC 7515, appendix A.3: ES256. */
const ec = {
  key: {
    kty: 'EC',
    crv: 'P-256',
    x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
    y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
  },
  token:
    'eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q',
}

function keyOf(jwk: object): KeyObject {
  const key = readPublicKey(JSON.stringify(jwk))
  if (!key) throw new TypeError('the key of the standard was not read')
  return key
}
const keys = [keyOf(rsa.key), keyOf(ec.key)]

test.each([
  ['RS256', rsa.token],
  ['ES256', ec.token],
])('takes the example of RFC 7515 for %s', (_, token) => {
  expect(verifyJwt(token, keys)).toEqual({
    iss: 'joe',
    exp: 1_300_819_380,
    'http://example.com/is_root': true,
  })
})

test.each([
  ['RS256', rsa.token],
  ['ES256', ec.token],
])('refuses the example for %s with any letter of it changed, and without its key', (_, token) => {
  for (let at = 0; at < token.length; at += 17) {
    const letter = token[at] === 'A' ? 'B' : 'A'
    const changed = token.slice(0, at) + letter + token.slice(at + 1)
    expect(verifyJwt(changed, keys)).toBeUndefined()
  }
  expect(verifyJwt(token, [])).toBeUndefined()
  expect(verifyJwt(token, [keyOf(token === rsa.token ? ec.key : rsa.key)])).toBeUndefined()
})

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const pair = generateKeyPairSync('rsa', { modulusLength: 2048 })
const pem = pair.publicKey.export({ type: 'spki', format: 'pem' })

function signed(header: object): string {
  const text = `${encode(header)}.${encode({ processId: 'x' })}`
  return `${text}.${sign('sha256', Buffer.from(text), pair.privateKey).toString('base64url')}`
}

test('takes what the key signed, and no algorithm but its own (refused)', () => {
  const own = [keyOf(pair.publicKey.export({ format: 'jwk' }))]
  expect(verifyJwt(signed({ alg: 'RS256' }), own)).toEqual({ processId: 'x' })
  for (const header of [
    { alg: 'none' },
    { alg: 'HS256' },
    { alg: 'RS512' },
    { alg: 'PS256' },
    { alg: 'ES256' },
    {},
    { alg: 'RS256', crit: ['b64'], b64: false },
  ]) {
    expect(verifyJwt(signed(header), own)).toBeUndefined()
  }
})

test('is not deceived by a secret that is the public key, nor by no signature at all', () => {
  const own = [keyOf(pair.publicKey.export({ format: 'jwk' }))]
  const text = `${encode({ alg: 'HS256' })}.${encode({ processId: 'x' })}`
  const mac = createHmac('sha256', pem).update(text).digest('base64url')
  expect(verifyJwt(`${text}.${mac}`, own)).toBeUndefined()
  expect(verifyJwt(`${encode({ alg: 'none' })}.${encode({})}.`, own)).toBeUndefined()
  expect(verifyJwt('', own)).toBeUndefined()
  expect(verifyJwt('a.b.c.d', own)).toBeUndefined()
})

test('reads no key that is short, secret or of another curve', () => {
  const short = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey
  const curve = generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey
  for (const key of [short, curve]) {
    expect(readPublicKey(key.export({ type: 'spki', format: 'pem' }))).toBeUndefined()
  }
  expect(readPublicKey(JSON.stringify({ kty: 'oct', k: 'AAAA' }))).toBeUndefined()
  expect(readPublicKey('no key')).toBeUndefined()
})
