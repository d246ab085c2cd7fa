import type { KeyObject } from 'node:crypto'
import { listMappings } from '../../../blackboard/query/listMappings.ts'
import { listPurposes } from '../../../blackboard/query/listPurposes.ts'
import { listReceiptKeys } from '../../../blackboard/query/listReceiptKeys.ts'
import type { PurposeDefinition } from '../../../policies/guard.ts'
import type { Board } from '../../board.ts'
import { readMappings, type Mapping } from '../../consent/mapping.ts'
import { readPublicKey } from '../../consent/signature.ts'
import { remember } from '../../fresh.ts'

/** For so long another node's word on purposes, ids and keys may be unknown here. */
const maxAgeMs = 1000
const workspacesMax = 10_000

/** What a workspace says about the consent that its clients tell of. */
export interface Phrasebook {
  purposes: readonly PurposeDefinition[]
  mappingOf(sourceId: string): Mapping
  /** Keys that receipts from a source are signed with; none where nobody set any. */
  keysOf(sourceId: string): readonly KeyObject[]
}

export interface Phrasebooks {
  of(workspaceId: number): Promise<Phrasebook>
}

export function createPhrasebooks({ db, clock, signals }: Board): Phrasebooks {
  const books = remember(clock, { maxAgeMs, max: workspacesMax }, async (workspaceId: number) => {
    const [purposes, mappings, keys] = await Promise.all([
      listPurposes(db.sql, { workspaceId }),
      listMappings(db.sql, { workspaceId }),
      listReceiptKeys(db.sql, { workspaceId }),
    ])
    const known = new Map<string, Mapping>()
    return {
      purposes,
      mappingOf(sourceId: string): Mapping {
        const mapping = known.get(sourceId) ?? { purposes, ids: readMappings(mappings, sourceId) }
        known.set(sourceId, mapping)
        return mapping
      },
      keysOf(sourceId: string): KeyObject[] {
        const own = keys.filter((each) => each.sourceId === sourceId)
        const all = own.length > 0 ? own : keys.filter((each) => each.sourceId === null)
        return all.flatMap(({ publicKey }) => readPublicKey(publicKey) ?? [])
      },
    }
  })
  signals.on('consent', () => books.forget())
  return { of: (workspaceId) => books.get(workspaceId) }
}
