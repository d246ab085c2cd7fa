import { insertCheckpoint } from '../../blackboard/query/insertCheckpoint.ts'
import { listHashes } from '../../blackboard/query/listHashes.ts'
import { listUnsigned } from '../../blackboard/query/listUnsigned.ts'
import type { Unsigned } from '../../blackboard/query/listUnsigned.ts'
import { signCheckpoint } from '../audit/checkpoint.ts'
import { grow, type Tree } from '../audit/merkle.ts'
import type { Board } from '../board.ts'

/** The use that `Vault.signingKey` is asked for. */
export const auditUse = 'audit'

const pageMax = 10_000

/** Signs what was chained since the last checkpoint of each workspace. Returns how many were signed. */
export async function checkpointAudit(board: Board): Promise<number> {
  const unsigned = await listUnsigned(board.db.sql, {})
  let count = 0
  for (const one of unsigned) count += await extend(board, one)
  return count
}

async function extend(board: Board, { workspaceId, size, peaks }: Unsigned): Promise<number> {
  const { db, clock, vault } = board
  let tree: Tree = { size, peaks: peaks.map(bytes) }
  let head = ''
  for (;;) {
    const rows = await listHashes(db.sql, { workspaceId, after: tree.size, limit: pageMax })
    tree = grow(
      tree,
      rows.map((row) => bytes(row.hash)),
    )
    head = rows.at(-1)?.hash ?? head
    if (rows.length < pageMax) break
  }
  if (head === '') return 0
  const about = { workspace: workspaceId, head, at: clock.now() }
  const { workspace: _, ...signed } = signCheckpoint(tree, about, vault.signingKey(auditUse))
  const inserted = await insertCheckpoint(db.sql, {
    workspaceId,
    ...signed,
    peaks: tree.peaks.map((peak) => peak.toString('hex')),
  })
  return inserted.length
}

const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex')
