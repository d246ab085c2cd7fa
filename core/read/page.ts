import { fail } from '../errors.ts'

/** A page asked for: the newest `first`, after the item of that id. */
export interface PageInput {
  first?: number | null | undefined
  after?: string | null | undefined
}

export interface Page<T> {
  items: T[]
  hasNext: boolean
}

export const pageSizeDefault = 20
export const pageSizeMax = 100

/** @throws bad_input for a page that is empty or larger than a page may be */
export function pageSize({ first }: PageInput): number {
  const size = first ?? pageSizeDefault
  if (!Number.isInteger(size) || size < 1 || size > pageSizeMax) {
    throw fail('bad_input', { path: 'first', reason: `it must be from 1 to ${pageSizeMax}` })
  }
  return size
}

/** @param rows one more than the page holds, when there are more */
export const asPage = <T>(rows: T[], size: number): Page<T> => ({
  items: rows.slice(0, size),
  hasNext: rows.length > size,
})

/** Steps by which a page is filled where the policy hides most of the profiles. */
const stepsMax = 20

/** Where a page's rows come from. */
interface Rows<Row, Shown, Cursor> {
  read(after: Cursor | null, limit: number): Promise<Row[]>
  /** Those of them that the reader may see. */
  show(rows: readonly Row[]): Promise<Shown[]>
  cursorOf(row: Row): Cursor
}

/** What the reader may see beyond `after`: more than `size` where there is more than a page of it. */
export async function fillPage<Row, Shown, Cursor>(
  { size, after }: { size: number; after: Cursor | null },
  { read, show, cursorOf }: Rows<Row, Shown, Cursor>,
): Promise<Shown[]> {
  const found: Shown[] = []
  let from = after
  for (let step = 0; step < stepsMax && found.length <= size; step += 1) {
    const rows = await read(from, size + 1)
    found.push(...(await show(rows)))
    const last = rows.at(-1)
    if (rows.length <= size || last === undefined) break
    from = cursorOf(last)
  }
  return found
}
