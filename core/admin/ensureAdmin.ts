import { insertPrincipal } from '../../blackboard/query/insertPrincipal.ts'
import { findPrincipalByKeyHash } from '../../blackboard/query/findPrincipalByKeyHash.ts'
import { transact } from '../../blackboard/transact.ts'
import type { Board } from '../board.ts'
import type { Principal } from '../model/principal.ts'
import { audit } from './audit.ts'
import { hashKey } from './key.ts'

/**
 * Makes sure that the configured admin key opens the door of a workspace. Called by the start, which holds
 * the key; nothing that the API can call leads here. A key that was changed makes another principal; the
 * one before stays until it is revoked.
 */
export async function ensureAdmin(
  board: Board,
  workspaceId: number,
  adminKey: string,
): Promise<Principal> {
  const keyHash = hashKey(adminKey)
  const [known] = await findPrincipalByKeyHash(board.db.sql, { keyHash })
  if (known) return { ...known, workspaceId: known.workspaceId }
  const principal = {
    id: board.clock.id(),
    workspaceId,
    name: 'admin',
    role: 'admin' as const,
    purposes: [],
  }
  await transact(board.db, async (tx) => {
    const at = board.clock.now().toISOString()
    await insertPrincipal(tx, { ...principal, keyHash, at })
    await audit(tx, board, {
      workspaceId,
      actor: 'system',
      action: 'principal.create',
      object: `principal/${principal.id}`,
      payload: { role: 'admin' },
    })
  })
  return principal
}
