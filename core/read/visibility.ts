import { isVisible } from './profile.ts'
import type { Reader } from './reader.ts'

/** A row that belongs to a person is named by both ids: the profile's leads every key. */
export interface RowKey {
  profileId: string
  id: string
}

/**
 * Whose rows the reader may see. Where the policy shows only some profiles, the rows of the others are
 * hidden too. Who sees no profiles at all, such as an auditor, sees rows by the right to them alone: they
 * name a person by id and tell nothing else of it.
 */
export async function visibility(
  reader: Reader,
  keys: readonly RowKey[],
): Promise<(row: { profileId: string }) => boolean> {
  if (reader.profiles.row.plan.kind === 'never') return () => true
  const ids = [...new Set(keys.map(({ profileId }) => profileId))]
  const { workspaceId } = reader.principal
  const rows = await Promise.all(ids.map((id) => reader.lookup.find(workspaceId, { id })))
  const visible = new Set(
    ids.filter((_, at) => {
      const row = rows[at]
      return row && isVisible(reader, row)
    }),
  )
  return ({ profileId }) => visible.has(profileId)
}
