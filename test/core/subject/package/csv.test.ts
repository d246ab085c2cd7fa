import fc from 'fast-check'
import { expect, test } from 'vitest'
import { csvLine } from '../../../../core/subject/package/csv.ts'

/** RFC 4180, read back: quotes split a line into what stands outside of them and inside. */
function readLine(line: string): string[] {
  const cells: string[] = []
  let cell = ''
  line.split('"').forEach((part, nth, parts) => {
    const isInside = nth % 2 === 1
    if (isInside) cell += part
    // Two quotes side by side inside a cell are one.
    else if (part === '' && nth > 0 && nth < parts.length - 1) cell += '"'
    else {
      const [first = '', ...rest] = part.replace(/\r\n$/, '').split(',')
      cell += first
      for (const next of rest) {
        cells.push(cell)
        cell = next
      }
    }
  })
  return [...cells, cell]
}

test.each(['=1+1', '+4915', '-2', '@SUM(A1)', '\t=1', '\r=1', '=HYPERLINK("https://x")', '＝1+1'])(
  'no spreadsheet runs %j',
  (text) => {
    const line = csvLine([text])
    expect(readLine(line)).toEqual([`'${text}`])
    expect(line).not.toMatch(/^"?[=+\-@\t\r]/)
  },
)

test('numbers stay numbers, nothing stays empty, and what nests is JSON', () => {
  expect(csvLine([-5, 1.5, true, null, { a: [1] }])).toBe('-5,1.5,true,,"{""a"":[1]}"\r\n')
})

test('whatever a text holds, it comes back from its cell', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1 }), (texts) => {
      const read = readLine(csvLine(texts)).map((text) => text.replace(/^'/, ''))
      expect(read).toEqual(texts.map((text) => text.replace(/^'/, '')))
    }),
  )
})
