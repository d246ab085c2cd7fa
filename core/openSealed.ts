import { readVault } from '../blackboard/query/readVault.ts'
import type { Handle } from '../blackboard/statement.ts'
import type { Board } from './board.ts'
import { open } from './vault.ts'

export interface SealedPlace {
  /** The profile that it is sealed under: the home of the value, not the profile that it counts as. */
  profileId: string
  /** `trait/<key>` or `identifier/<namespace>/<hash>`. */
  key: string
}

export const placeKey = ({ profileId, key }: SealedPlace): string => `${profileId} ${key}`

/**
 * Opens values in one statement, by `placeKey`. What is no longer there, or whose data key was destroyed, is
 * not in the answer. Ask only for what the policy has already granted.
 */
export async function openSealed(
  { db, vault }: Pick<Board, 'db' | 'vault'>,
  workspaceId: number,
  places: readonly SealedPlace[],
  handle: Handle = db.sql,
): Promise<Map<string, string>> {
  if (places.length === 0) return new Map()
  const rows = await readVault(handle, { workspaceId, places: JSON.stringify(places) })
  const keys = new Map<string, Buffer>()
  const opened = new Map<string, string>()
  for (const { profileId, key, sealed, wrapped } of rows) {
    const dataKey = keys.get(profileId) ?? vault.unwrap(workspaceId, profileId, wrapped)
    keys.set(profileId, dataKey)
    const plain = open(dataKey, { workspaceId, profileId, field: key }, sealed)
    opened.set(placeKey({ profileId, key }), plain.toString('utf8'))
  }
  return opened
}
