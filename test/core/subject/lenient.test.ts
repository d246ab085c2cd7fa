import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readLenient } from '../../../core/subject/openDsr/lenient.ts'

test('commas before a closing bracket are forgiven, as in the example of the specification', () => {
  expect(readLenient('{ "a": [1, 2,], "b": { "c": ",}", }, }')).toEqual({
    a: [1, 2],
    b: { c: ',}' },
  })
})

test.each(['', '{', '{ a: 1 }', '[1,,2]', '"abc', `{"a":"${'\\'.repeat(3)}`])(
  '%j is no JSON (refused)',
  (text) => {
    expect(() => readLenient(text)).toThrow(/not JSON/)
  },
)

test('what is JSON reads as it always did', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      expect(readLenient(text)).toEqual(JSON.parse(text))
    }),
  )
})
