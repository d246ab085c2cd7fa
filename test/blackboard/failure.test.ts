import { expect, test } from 'vitest'
import { asDatabaseError, isRetryable } from '../../blackboard/failure.ts'
import { fail } from '../../core/errors.ts'

const thrown = (code: string): Error =>
  Object.assign(new Error('duplicate key value (email)=(ann@example.com)'), { code })

test.each([
  ['53100', 'database_full', false],
  ['40001', 'database_conflict', true],
  ['40P01', 'database_conflict', true],
  ['57014', 'database_timeout', false],
  ['55P03', 'database_timeout', false],
  ['08006', 'database_unavailable', false],
  ['28P01', 'database_unavailable', false],
  ['3D000', 'database_unavailable', false],
  ['53300', 'database_unavailable', false],
  ['57P01', 'database_unavailable', false],
  ['CONNECTION_CLOSED', 'database_unavailable', false],
  ['CONNECT_TIMEOUT', 'database_unavailable', false],
  ['ECONNREFUSED', 'database_unavailable', false],
  ['23505', 'internal', false],
  ['42P01', 'internal', false],
  ['SOMETHING_ELSE', 'internal', false],
] as const)('takes %s for %s, to be run again: %s', (code, catalogued, again) => {
  const error = asDatabaseError(thrown(code))
  expect(error.code).toBe(catalogued)
  expect(isRetryable(error)).toBe(again)
  expect(isRetryable(thrown(code))).toBe(again)
  expect(JSON.stringify([error.message, error.values])).not.toContain('ann@example.com')
})

test('leaves a catalogued error as it is', () => {
  const error = fail('write_conflict', { what: 'revision' })
  expect(asDatabaseError(error)).toBe(error)
  expect(isRetryable(error)).toBe(true)
})

test('looks into the failures of several addresses', () => {
  const error = asDatabaseError(
    new AggregateError([thrown('ECONNREFUSED'), thrown('ECONNREFUSED')]),
  )
  expect(error.code).toBe('database_unavailable')
})

test('takes what is no database error for one of ours', () => {
  expect(asDatabaseError('text').code).toBe('internal')
  expect(asDatabaseError(undefined).code).toBe('internal')
})
