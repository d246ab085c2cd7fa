import { findProfiles } from '../../blackboard/query/findProfiles.ts'
import type { ProfileRow } from '../../blackboard/query/findProfiles.ts'
import type { Board } from '../board.ts'
import { gather } from '../gather.ts'

export type Wanted = { namespace: string; hash: string } | { id: string }

/** Finds rows; a row is the same for everyone, the mask is put on afterwards. */
export interface Lookup {
  find(workspaceId: number, wanted: Wanted): Promise<ProfileRow | null>
}

/** Look-ups of all requests share statements; see `gather`. */
export function createLookup({ db }: Board): Lookup {
  const find = gather((wanted: readonly (Wanted & { workspaceId: number })[]) =>
    perWorkspace(wanted, async (workspaceId, group) => {
      const numbered = group.map((one, nth) => ({ ...one, nth }))
      const rows = await findProfiles(db.sql, { workspaceId, wanted: JSON.stringify(numbered) })
      const found = group.map((): ProfileRow | null => null)
      for (const { nth, ...row } of rows) found[nth] = row
      return found
    }),
  )
  return { find: (workspaceId, wanted) => find({ ...wanted, workspaceId }) }
}

/** Answers in the order of the questions, one call a workspace. */
async function perWorkspace<Key extends { workspaceId: number }, Value>(
  keys: readonly Key[],
  load: (workspaceId: number, group: Key[]) => Promise<Value[]>,
): Promise<Value[]> {
  const answers = new Map<Key, Value>()
  for (const [workspaceId, group] of Map.groupBy(keys, (key) => key.workspaceId)) {
    const values = await load(workspaceId, group)
    values.forEach((value, at) => {
      const key = group[at]
      if (key) answers.set(key, value)
    })
  }
  return keys.flatMap((key) => {
    const value = answers.get(key)
    return value === undefined ? [] : [value]
  })
}
