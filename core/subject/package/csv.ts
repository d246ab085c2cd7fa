import type { Json } from '../../model/json.ts'

// What a spreadsheet takes for a formula when a cell begins with it (OWASP), the full-width forms among them.
const formula = /^[=+\-@\t\r\n\u{ff1d}\u{ff0b}\u{ff0d}\u{ff20}]/u

/**
 * One line of RFC 4180. A text that a spreadsheet would run as a formula is led by an apostrophe; the JSON file
 * beside it has the text as it is.
 *
 * @example csvLine(['a', 'say "hi"', '=1+1', -5]) // a,"say ""hi""",'=1+1,-5
 */
export const csvLine = (cells: readonly Json[]): string => `${cells.map(csvCell).join(',')}\r\n`

function csvCell(value: Json): string {
  if (value === null) return ''
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  const safe = formula.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
