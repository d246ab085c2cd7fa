import { expect, test } from 'vitest'
import { canonical } from '../../../core/audit/chain.ts'
import { jsonObjectSchema } from '../../../core/model/json.ts'

test('canonical JSON is what RFC 8785 §3.2 prints for its example', () => {
  const example = String.raw`{
    "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
    "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
    "literals": [null, true, false]
  }`
  expect(canonical(jsonObjectSchema.parse(JSON.parse(example)))).toBe(
    String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
  )
})

test('canonical JSON has its keys by their UTF-16 code units, as the example of RFC 8785 §3.2.3', () => {
  const keys = ['\u20ac', '\r', '\ufb33', '1', '\ud83d\ude00', '\u0080', '\u00f6']
  expect(canonical(Object.fromEntries(keys.map((key) => [key, 0])))).toBe(
    '{"\\r":0,"1":0,"\u0080":0,"\u00f6":0,"\u20ac":0,"\ud83d\ude00":0,"\ufb33":0}',
  )
})

test.each([[{ a: '\ud800' }], [{ a: Number.NaN }]])('has no form for %j', (value) => {
  expect(() => canonical(value)).toThrow(/not allowed/)
})
