import { createPublicKey, randomBytes, sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'

/**
 * A self-signed X.509 certificate (RFC 5280) for one domain, by which signatures of an RSA key are checked. Node makes
 * none by itself, and this one needs but a few fields. For partners that want an authority behind it, configure one.
 */
export function selfSigned(key: KeyObject, domain: string, from: Date, years: number): string {
  const name = sequence(set(sequence(oid('550403'), tagged(0x0c, Buffer.from(domain)))))
  const until = new Date(from)
  until.setUTCFullYear(until.getUTCFullYear() + years)
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' })
  const body = sequence(
    tagged(0xa0, integer(Buffer.of(2))),
    integer(Buffer.concat([Buffer.of(0x01), randomBytes(15)])),
    signedBy,
    name,
    sequence(time(from), time(until)),
    name,
    publicKey,
    tagged(0xa3, sequence(...extensionsFor(domain))),
  )
  const certificate = sequence(body, signedBy, bits(sign('sha256', body, key)))
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
}

/** The domain as its alternative name; the key signs and does nothing else. */
const extensionsFor = (domain: string): Buffer[] => [
  sequence(oid('551d11'), octets(sequence(tagged(0x82, Buffer.from(domain, 'ascii'))))),
  sequence(oid('551d0f'), yes, octets(tagged(0x03, Buffer.of(0x07, 0x80)))),
]

// X.690: a tag, the length, the content.
function tagged(tag: number, ...content: Buffer[]): Buffer {
  const body = Buffer.concat(content)
  if (body.length < 0x80) return Buffer.concat([Buffer.of(tag, body.length), body])
  const length = Buffer.from(body.length.toString(16).padStart(4, '0'), 'hex')
  return Buffer.concat([Buffer.of(tag, 0x80 | length.length), length, body])
}

const sequence = (...parts: Buffer[]): Buffer => tagged(0x30, ...parts)
const set = (...parts: Buffer[]): Buffer => tagged(0x31, ...parts)
const integer = (value: Buffer): Buffer => tagged(0x02, value)
const octets = (value: Buffer): Buffer => tagged(0x04, value)
const bits = (value: Buffer): Buffer => tagged(0x03, Buffer.of(0), value)
const oid = (hex: string): Buffer => tagged(0x06, Buffer.from(hex, 'hex'))
const yes = tagged(0x01, Buffer.of(0xff))

/** sha256WithRSAEncryption */
const signedBy = sequence(oid('2a864886f70d01010b'), tagged(0x05))

/** Two digits for the year until 2049, four from then on. */
function time(at: Date): Buffer {
  const digits = at.toISOString().replaceAll(/[-:T]|\.\d+/g, '')
  return at.getUTCFullYear() < 2050
    ? tagged(0x17, Buffer.from(digits.slice(2)))
    : tagged(0x18, Buffer.from(digits))
}
