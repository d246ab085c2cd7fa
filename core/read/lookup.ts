import DataLoader from 'dataloader'
import { findProfiles } from '../../blackboard/query/findProfiles.ts'
import type { ProfileRow } from '../../blackboard/query/findProfiles.ts'
import type { Board } from '../board.ts'

export type Wanted = { namespace: string; hash: string } | { id: string }

/** Finds profile rows; a row is the same for everyone, the mask is put on afterwards. */
export interface Lookup {
  find(workspaceId: number, wanted: Wanted): Promise<ProfileRow | null>
}

// One round trip can serve many requests that came in the same turn of the event loop. On the embedded
// database, which runs one statement at a time, this is what carries thousands of reads a second.
const batchSizeMax = 200

/** Gathers the lookups of one turn of the event loop, of all requests, into one statement. */
export function createLookup({ db }: Board): Lookup {
  const loader = new DataLoader<Wanted & { workspaceId: number }, ProfileRow | null>(
    (wanted) => findMany(wanted),
    { cache: false, maxBatchSize: batchSizeMax, batchScheduleFn: (run) => setImmediate(run) },
  )

  async function findMany(
    wanted: readonly (Wanted & { workspaceId: number })[],
  ): Promise<(ProfileRow | null)[]> {
    const found = wanted.map((): ProfileRow | null => null)
    const numbered = wanted.map((one, nth) => ({ ...one, nth }))
    const workspaces = Map.groupBy(numbered, (one) => one.workspaceId)
    for (const [workspaceId, group] of workspaces) {
      const rows = await findProfiles(db.sql, { workspaceId, wanted: JSON.stringify(group) })
      for (const { nth, ...row } of rows) found[nth] = row
    }
    return found
  }

  return { find: (workspaceId, wanted) => loader.load({ ...wanted, workspaceId }) }
}
