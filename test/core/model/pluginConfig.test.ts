import { expect, test } from 'vitest'
import {
  completeConfig,
  configGap,
  configProblem,
  readConfigShape,
} from '../../../core/model/pluginConfig.ts'
import type { JsonObject } from '../../../core/model/json.ts'

function shapeOf(schema: JsonObject) {
  const read = readConfigShape(schema)
  if ('problem' in read) throw new TypeError(read.problem.reason)
  return read.shape
}

const schema = {
  type: 'object',
  properties: { step: { type: 'integer', default: 2 }, label: { type: 'string' } },
  required: ['step', 'label'],
}

test('fills in defaults, and leaves out what the schema does not know', () => {
  const shape = shapeOf(schema)
  expect(completeConfig(shape, { label: 'x', gone: 1 })).toEqual({ step: 2, label: 'x' })
  expect(configProblem(shape, { label: 'x', gone: 1 })).toBeUndefined()
  expect(configProblem(shape, { step: 1.5, label: 'x' })).toEqual({
    path: 'step',
    reason: 'the schema refuses it at /type',
  })
  expect(configProblem(shape, {})).toMatchObject({ path: 'label' })
})

test.each<[what: string, schema: JsonObject, path: string]>([
  ['a list', { type: 'array' }, 'type'],
  ['a keyword without a bound', { properties: { a: { pattern: 'x' } } }, 'properties.a'],
  [
    'a default that its schema refuses',
    { properties: { a: { type: 'string', default: 1 } } },
    'properties.a.default',
  ],
  ['a required key that is no property', { properties: {}, required: ['a'] }, 'required'],
])('refuses as a schema %s', (_what, given, path) => {
  expect(readConfigShape(given)).toMatchObject({ problem: { path } })
})

test('names a required secret that is not set, once the values fit', () => {
  const config = {
    schema,
    secrets: [
      { name: 'KEY', description: 'k', required: true },
      { name: 'SPARE', description: 's', required: false },
    ],
  }
  expect(configGap(config, {}, ['KEY'])).toMatchObject({ path: 'label' })
  expect(configGap(config, { label: 'x' }, [])).toMatchObject({ path: 'KEY' })
  expect(configGap(config, { label: 'x' }, ['KEY'])).toBeUndefined()
})
