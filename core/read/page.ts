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
