import type { TransactionSql } from 'postgres'
import { activatePolicy } from '../../blackboard/query/activatePolicy.ts'
import { findPolicyActive } from '../../blackboard/query/findPolicyActive.ts'
import { insertPolicyEnactment } from '../../blackboard/query/insertPolicyEnactment.ts'
import { movePolicy } from '../../blackboard/query/movePolicy.ts'
import type { Board } from '../board.ts'
import { nowOf } from './version.ts'

/** Puts a version that was in force before back, in the caller's transaction, which holds the lock. */
export async function returnTo(
  tx: TransactionSql,
  board: Board,
  workspaceId: number,
  number: number,
  by: { kind: 'rollback' | 'fallback'; actor: string; reason: string | null },
): Promise<void> {
  const at = nowOf(board)
  const [active] = await findPolicyActive(tx, { workspaceId })
  if (active) await movePolicy(tx, { workspaceId, number: active.number, status: 'retired', at })
  await activatePolicy(tx, {
    workspaceId,
    number,
    previous: null,
    breakGlassBy: null,
    breakGlassReason: null,
    breakGlassUntil: null,
    at,
  })
  const replaced = active?.number ?? null
  await insertPolicyEnactment(tx, {
    workspaceId,
    id: board.clock.id(),
    number,
    replaced,
    ...by,
    at,
  })
}
