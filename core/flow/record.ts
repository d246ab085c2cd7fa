import { findChainHead } from '../../blackboard/query/findChainHead.ts'
import { insertAudit } from '../../blackboard/query/insertAudit.ts'
import { listInbox } from '../../blackboard/query/listInbox.ts'
import { lockChain } from '../../blackboard/query/lockChain.ts'
import { readAudit } from '../../blackboard/query/readAudit.ts'
import { takeInbox } from '../../blackboard/query/takeInbox.ts'
import { transact } from '../../blackboard/transact.ts'
import { chain, genesis, verifyEntries } from '../audit/chain.ts'
import type { Verification } from '../audit/chain.ts'
import type { Board } from '../board.ts'

/** Entries moved in one transaction. */
export const chainBatchMax = 500

/** Moves entries from the inbox onto the chain. Returns how many; 0 when none waits or another node chains. */
export async function chainAudit(board: Board): Promise<number> {
  const workspaces = await listInbox(board.db.sql, {})
  let count = 0
  for (const { workspaceId } of workspaces) {
    count += await transact(board.db, async (tx) => {
      const [lock] = await lockChain(tx, { workspaceId })
      if (!lock?.taken) return 0
      const [[head], rows] = await Promise.all([
        findChainHead(tx, { workspaceId }),
        takeInbox(tx, { workspaceId, limit: chainBatchMax }),
      ])
      if (rows.length === 0) return 0
      await insertAudit(tx, { workspaceId, entries: JSON.stringify(chain(rows, head)) })
      return rows.length
    })
  }
  return count
}

const pageMax = 1000

/** A head that was noted down before, outside the database. */
export interface KnownHead {
  entries: number
  head: string
}

/**
 * Verifies the whole chain of a workspace, page by page. A chain cannot tell by itself that its end was cut
 * off: give a head that was noted before, and it must still be on the chain.
 */
export async function verifyAudit(
  { db }: Board,
  workspaceId: number,
  known: KnownHead = { entries: 0, head: genesis },
  pageSize = pageMax,
): Promise<Verification> {
  let state = { seq: 0, hash: genesis }
  for (;;) {
    const page = await readAudit(db.sql, { workspaceId, after: state.seq, limit: pageSize })
    const result = verifyEntries(page, state)
    if (!result.ok) return result
    if (page.some(({ seq, hash }) => seq === known.entries && hash !== known.head)) {
      const problem = 'it is not the entry that was the head before'
      return { ok: false, entries: known.entries - 1, seq: known.entries, problem }
    }
    if (page.length < pageSize) return withoutCut(result, known)
    state = { seq: result.entries, hash: result.head }
  }
}

function withoutCut(result: Extract<Verification, { ok: true }>, known: KnownHead): Verification {
  if (result.entries >= known.entries) return result
  const seq = result.entries + 1
  return { ok: false, entries: result.entries, seq, problem: `entry ${seq} is missing` }
}
