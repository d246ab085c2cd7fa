import { findPolicyActive } from '../../blackboard/query/findPolicyActive.ts'
import { listExpiredPolicies } from '../../blackboard/query/listExpiredPolicies.ts'
import { lockPolicies } from '../../blackboard/query/lockPolicies.ts'
import { transact } from '../../blackboard/transact.ts'
import { audit } from '../admin/audit.ts'
import type { Board } from '../board.ts'
import { returnTo } from './returnTo.ts'
import { nowOf } from './version.ts'

/**
 * Puts back what was in force before a version that came without its approvals and ran out. Nobody was judged
 * by it since: whoever evaluates goes by the clock. Returns how many were put back.
 */
export async function expirePolicies(board: Board): Promise<number> {
  const expired = await listExpiredPolicies(board.db.sql, { at: nowOf(board) })
  let count = 0
  for (const { workspaceId } of expired) {
    if (await expire(board, workspaceId)) count += 1
  }
  if (count > 0) {
    board.signals.send('policy')
    board.signals.send('audit')
  }
  return count
}

async function expire(board: Board, workspaceId: number): Promise<boolean> {
  return transact(board.db, async (tx) => {
    await lockPolicies(tx, { workspaceId })
    const [active] = await findPolicyActive(tx, { workspaceId })
    // Another node was first, or the approvals came.
    if (!active?.until || !active.previous || active.until > board.clock.now()) return false
    const by = { kind: 'fallback', actor: 'system', reason: null } as const
    await returnTo(tx, board, workspaceId, active.previous, by)
    await audit(tx, board, {
      workspaceId,
      actor: 'system',
      action: 'policy.fallback',
      object: `policy:${active.previous}`,
      payload: { replaced: active.number },
    })
    board.log.error(
      { policy: active.number, back: active.previous },
      'a policy version ran out without its approvals; the one before is back',
    )
    return true
  })
}
