/**
 * One line of CSV, RFC 4180. A cell that a spreadsheet would take for a formula is given an apostrophe: names of
 * traits and plugins come from others.
 */
export const csvLine = (cells: readonly string[]): string => cells.map(cellOf).join(',')

function cellOf(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
