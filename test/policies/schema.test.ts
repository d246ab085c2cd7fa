import { readFile } from 'node:fs/promises'
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkPolicy } from '../../policies/check.ts'
import { policySchema } from '../../policies/schema.ts'
import { shippedPolicy } from '../../policies/shipped.ts'

const rule = {
  id: 'rule',
  sentence: 'A rule of a test, in ten letters.',
  effect: 'forbid',
  roles: ['app'],
  action: 'read',
  subject: 'Profile',
  purposes: ['service'],
  fields: ['class:contact'],
  reason: 'test',
}
const ajv = new Ajv2020({ strict: true, strictTypes: false, validateFormats: false })
const fits = ajv.compile(policySchema())
const documentOf = (part: object) => ({ title: 'Test', rules: [{ ...rule, ...part }] })

describe('policy.schema.json', () => {
  it('is current with the schema that documents are read by', async () => {
    const path = new URL('../../policies/policy.schema.json', import.meta.url)
    const published: unknown = JSON.parse(await readFile(path, 'utf8'))
    expect(published).toEqual(JSON.parse(JSON.stringify(policySchema())))
  })

  it('takes what is shipped, and a document that names its schema', () => {
    const { document } = shippedPolicy()
    expect(fits(document), JSON.stringify(fits.errors)).toBe(true)
    expect(fits({ $schema: 'policy.schema.json', ...document })).toBe(true)
    expect(checkPolicy({ $schema: 'policy.schema.json', ...document })).toEqual([])
  })

  it('describes every key of a rule to who writes it', () => {
    const { items } = JSON.parse(JSON.stringify(policySchema())).properties.rules
    for (const [key, { description }] of Object.entries<{ description?: string }>(
      items.properties,
    )) {
      expect(description, key).toMatch(/^[A-Z]/)
    }
  })

  it.each([
    ['a misspelt key', { condition: {} }],
    ['an unknown role', { roles: ['root'] }],
    ['an unknown attribute', { when: { resticted: true } }],
    ['an unknown operator', { when: { 'traits.a': { $regex: 'x' } } }],
    ['an empty list', { when: { 'traits.a': { $in: [] } } }],
    ['an unknown placeholder', { when: { 'traits.a': { $principal: 'key' } } }],
    ['a day for an instant', { until: '2026-01-01' }],
  ])('refuses %s, as reading does', (_, part) => {
    expect(fits(documentOf(part))).toBe(false)
    expect(checkPolicy(documentOf(part))).not.toEqual([])
  })

  const scalar = fc.constantFrom('a', 1, true, null, { $principal: 'id' })
  const operators = fc.record(
    {
      $eq: scalar,
      $ne: scalar,
      $in: fc.array(scalar, { maxLength: 2 }),
      $lt: fc.constantFrom('a', 1, true),
      $exists: fc.constantFrom(true, 1),
      $size: fc.constantFrom(0, 1, -1, 1.5),
      $elemMatch: fc.constantFrom(
        {},
        { $eq: 'a' },
        { a: 1 },
        { a: { $gt: 1 } },
        { $x: 1 },
        { a: { $in: ['a'] } },
      ),
      $other: scalar,
    },
    { requiredKeys: [] },
  )
  const part = fc.record(
    {
      when: fc.dictionary(
        fc.constantFrom('traits.a', 'traits.a.b', 'restricted', 'createdAt', 'x'),
        fc.oneof(scalar, operators, fc.constant([])),
        { maxKeys: 2 },
      ),
      fields: fc.array(fc.constantFrom('class:none', 'trait:a', 'identifier:*', 'x'), {
        minLength: 1,
        maxLength: 2,
      }),
      from: fc.constantFrom('2026-01-01T00:00:00Z', '2026-01-01', '2026-01-01T00:00:00.5+02:00'),
      id: fc.constantFrom('a', 'A', 'a-b', '1'),
    },
    { requiredKeys: ['when'] },
  )
  it('takes everything that reading takes', () => {
    let taken = 0
    fc.assert(
      fc.property(part, (drawn) => {
        if (checkPolicy(documentOf(drawn)).length > 0) return
        taken += 1
        expect(fits(documentOf(drawn)), JSON.stringify([drawn, fits.errors])).toBe(true)
      }),
      { numRuns: 20_000 },
    )
    expect(taken).toBeGreaterThan(200)
  })
})
