import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkPolicyText, parsePolicyText } from '../../policies/check.ts'
import { readPolicyText } from '../../policies/text.ts'
import { shippedPolicy } from '../../policies/shipped.ts'

const first = (text: string) => readPolicyText(text).problems[0]

describe('readPolicyText', () => {
  it('reads what is shipped, with or without a byte order mark', () => {
    const { document } = shippedPolicy()
    const text = JSON.stringify(document, null, 2)
    expect(parsePolicyText(text)).toEqual(document)
    expect(parsePolicyText(`\ufeff${text}\n`)).toEqual(document)
    expect(checkPolicyText(text)).toEqual([])
  })

  it.each([
    ['{"title": "a" "b": 1}', 'line 1 column 15', /comma or \} is missing/],
    ['{\n  "title": "a",\n}', 'line 2 column 15', /comma stands before/],
    ['{"title": \'a\'}', 'line 1 column 11', /no JSON value/],
    ['{title: 1}', 'line 1 column 2', /key in double quotes/],
    ['{"title" 1}', 'line 1 column 10', /colon is missing/],
    ['{"title": "a\nb"}', 'line 1 column 13', /broken by a line end/],
    ['{"title": "a', 'line 1 column 11', /never closed/],
    ['{"a": "\\x"}', 'line 1 column 8', /no such escape/],
    ['{"a": [1, 2}', 'line 1 column 12', /comma or \] is missing/],
    ['{"a": 1} // end', 'line 1 column 10', /follows after the end/],
    ['{"a": 01}', 'line 1 column 7', /no JSON value/],
    ['{"a": NaN}', 'line 1 column 7', /no JSON value/],
    ['', 'line 1 column 1', /ends before/],
    ['{"a":', 'line 1 column 6', /ends before/],
  ])('says where %j is broken', (text, path, reason) => {
    expect(first(text)).toMatchObject({ path, reason: expect.stringMatching(reason) })
    expect(() => parsePolicyText(text)).toThrow(expect.objectContaining({ code: 'policy_invalid' }))
  })

  it('refuses a key that stands twice, of which a parser keeps the last (takes it in two objects)', () => {
    const text = '{"rules": [{"a": 1}, {"when": {"b": 1,\n "b": 2}}]}'
    expect(first(text)).toMatchObject({
      path: 'rules.1.when.b',
      reason: expect.stringContaining('line 2 column 2'),
    })
    expect(first('{"effect": "forbid", "\\u0065ffect": "permit"}')).toMatchObject({
      path: 'effect',
    })
    expect(readPolicyText('{"a": {"b": 1}, "c": {"b": 2}}').problems).toEqual([])
  })

  it('refuses a hundred thousand levels at once, and ten megabytes unread', () => {
    const deep = `{"rules":${'['.repeat(100_000)}${']'.repeat(100_000)}}`
    expect(first(deep)).toMatchObject({ reason: expect.stringContaining('deeper') })
    expect(first('{"a":'.repeat(100_000))).toMatchObject({
      reason: expect.stringContaining('deeper'),
    })
    const started = performance.now()
    expect(first(`{"title":"${'x'.repeat(10_000_000)}"}`)).toMatchObject({
      reason: expect.stringContaining('1 MB'),
    })
    expect(first(`{"title":"${'ж'.repeat(600_000)}"}`)).toMatchObject({
      reason: expect.stringContaining('1 MB'),
    })
    expect(performance.now() - started).toBeLessThan(500)
  })

  it('takes what JSON.parse takes and gives the same, and refuses the rest', () => {
    const spoilt = fc
      .tuple(
        fc.json({ maxDepth: 4 }),
        fc.nat(),
        fc.constantFrom('', ',', '"', '}', ']', ':', ' ', '1', '\\', '\n', 'null', '-', 'e', '.'),
      )
      .map(([text, at, piece]) => {
        const place = at % (text.length + 1)
        return text.slice(0, place) + piece + text.slice(piece === '' ? place + 1 : place)
      })
    let taken = 0
    let refused = 0
    fc.assert(
      fc.property(spoilt, (text) => {
        const { input, problems } = readPolicyText(text)
        const twice = problems.some(({ reason }) => reason.includes('twice'))
        if (twice) return
        let parsed: unknown
        let isJson = true
        try {
          parsed = JSON.parse(text)
        } catch {
          isJson = false
        }
        expect(problems.length === 0, text).toBe(isJson)
        if (isJson) expect(input).toEqual(parsed)
        if (isJson) taken += 1
        else refused += 1
      }),
      { numRuns: 10_000 },
    )
    expect(Math.min(taken, refused)).toBeGreaterThan(1000)
  })
})
