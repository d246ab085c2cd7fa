import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { expect, test } from 'vitest'
import { selfSigned } from '../../../core/subject/openDsr/certificate.ts'

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })

test.each([
  ['2026-11-21T12:00:00Z', 'Nov 21 12:00:00 2026 GMT', 'Nov 21 12:00:00 2036 GMT'],
  ['2045-02-28T23:59:59Z', 'Feb 28 23:59:59 2045 GMT', 'Feb 28 23:59:59 2055 GMT'],
])('a certificate of %s names its domain, its time, its use and its key', (from, start, end) => {
  const domain = 'dsr.example.com'
  const certificate = new X509Certificate(selfSigned(privateKey, domain, new Date(from), 10))
  expect(certificate.verify(publicKey)).toBe(true)
  expect(certificate.checkPrivateKey(privateKey)).toBe(true)
  expect(certificate.checkHost(domain)).toBe(domain)
  expect(certificate.checkHost('evil.example.com')).toBeUndefined()
  expect(certificate).toMatchObject({
    subject: `CN=${domain}`,
    issuer: `CN=${domain}`,
    subjectAltName: `DNS:${domain}`,
    validFrom: start,
    validTo: end,
  })
})
