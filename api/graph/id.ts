import { fail } from '../../core/errors.ts'
import type { RowKey } from '../../core/read/visibility.ts'

/** A global id: the type's name and the row's own id, in base64url. Opaque to clients; holds no secret. */
export const encodeId = (type: string, id: string): string =>
  Buffer.from(`${type}:${id}`).toString('base64url')

/** @throws bad_input */
export function decodeId(globalId: string): { typename: string; id: string } {
  const text = globalId.length > 400 ? '' : Buffer.from(globalId, 'base64url').toString('utf8')
  const colon = text.indexOf(':')
  if (colon <= 0 || text.includes('\u0000')) {
    throw fail('bad_input', { path: 'id', reason: 'it is not an id that this API gave' })
  }
  return { typename: text.slice(0, colon), id: text.slice(colon + 1) }
}

/** The row's own id when the global id is of that type. @throws bad_input */
export function idOf(type: string, globalId: string): string {
  const { typename, id } = decodeId(globalId)
  if (typename === type) return id
  throw fail('bad_input', { path: 'id', reason: `it is not the id of a ${type}` })
}

/** A row that belongs to a person carries the profile's id before its own. */
export const rowIdOf = ({ profileId, id }: RowKey): string => `${profileId}:${id}`

/** @throws bad_input */
export function rowKeyOf(rowId: string): RowKey {
  const [profileId, id, ...rest] = rowId.split(':')
  if (profileId && id && rest.length === 0) return { profileId, id }
  throw fail('bad_input', { path: 'id', reason: 'it is not an id that this API gave' })
}
