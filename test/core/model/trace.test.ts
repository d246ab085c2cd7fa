import { expect, test } from 'vitest'
import {
  isSampled,
  partsOf,
  readTrace,
  splitTrace,
  traceIdOf,
  traceOf,
  withTrace,
} from '../../../core/model/trace.ts'

const traceId = '0af7651916cd43dd8448eb211c80319c'
const spanId = 'b7ad6b7169203331'
const trace = `00-${traceId}-${spanId}-01`

test('reads a traceparent, and one of a later version as far as it is known', () => {
  expect(readTrace(trace)).toBe(trace)
  expect(readTrace(`00-${traceId}-${spanId}-00`)).toBe(`00-${traceId}-${spanId}-00`)
  expect(readTrace(`cc-${traceId}-${spanId}-01-what the future will be like`)).toBe(trace)
  // Flags that mean nothing yet are not passed on.
  expect(readTrace(`00-${traceId}-${spanId}-ff`)).toBe(`00-${traceId}-${spanId}-03`)
})

test.each([
  null,
  undefined,
  '',
  traceId,
  trace.toUpperCase(),
  `${trace}-more`,
  `ff-${traceId}-${spanId}-01`,
  `00-${'0'.repeat(32)}-${spanId}-01`,
  `00-${traceId}-${'0'.repeat(16)}-01`,
  `00-${traceId}-${spanId}-1`,
  `00-${traceId}-${spanId}-zz`,
  `cc-${traceId}-${spanId}-01.`,
  // Two headers.
  `${trace}, ${trace}`,
])('takes %j for none', (text) => {
  expect(readTrace(text)).toBeUndefined()
})

test('is the sum of its parts', () => {
  const parts = { traceId, spanId, flags: 1 }
  expect(partsOf(trace)).toEqual(parts)
  expect(traceOf(parts)).toBe(trace)
  expect(traceIdOf(trace)).toBe(traceId)
  expect([isSampled(trace), isSampled(traceOf({ ...parts, flags: 2 }))]).toEqual([true, false])
})

test('goes in front of a reference and comes off again', () => {
  for (const reference of ['e:home:id', 't:id:a;b', '']) {
    expect(splitTrace(withTrace(trace, reference))).toEqual({ trace, reference })
    expect(splitTrace(withTrace(undefined, reference))).toEqual({ trace: undefined, reference })
  }
})

test('is not seen in what only looks like one', () => {
  const key = `t:id:${'x'.repeat(50)};${trace}`
  const long = `${'x'.repeat(55)};e:home:id`
  for (const reference of [key, long]) {
    expect(splitTrace(reference)).toEqual({ trace: undefined, reference })
  }
})
