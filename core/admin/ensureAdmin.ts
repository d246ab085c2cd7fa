import { findPrincipalByKeyHash } from '../../blackboard/query/findPrincipalByKeyHash.ts'
import { insertPrincipal } from '../../blackboard/query/insertPrincipal.ts'
import { transact } from '../../blackboard/transact.ts'
import { shippedPurposes } from '../../policies/shippedPurposes.ts'
import type { Board } from '../board.ts'
import { fail } from '../errors.ts'
import type { Principal } from '../model/principal.ts'
import { audit } from './audit.ts'
import { hashKey } from './key.ts'

/** Every purpose a workspace starts with; one without a dot covers its children. */
const purposes = shippedPurposes.map(({ key }) => key).filter((key) => !key.includes('.'))

/**
 * Makes sure that the configured admin key opens the door of a workspace. Called by the start, which holds
 * the key; nothing that the API can call leads here. A key that was changed makes another principal, and
 * the one before stays until it is revoked. Nodes that start at once agree on one.
 * @throws admin_revoked: a restart must not undo a revocation
 */
export async function ensureAdmin(
  board: Board,
  workspaceId: number,
  adminKey: string,
): Promise<Principal> {
  const keyHash = hashKey(adminKey)
  const known = await find(board, keyHash)
  if (known) return known
  const id = board.clock.id()
  const principal: Principal = { id, workspaceId, name: 'admin', role: 'admin', purposes }
  const isNew = await transact(board.db, async (tx) => {
    const at = board.clock.now().toISOString()
    const inserted = await insertPrincipal(tx, { ...principal, keyHash, at })
    if (inserted.length === 0) return false
    await audit(tx, board, {
      workspaceId,
      actor: 'system',
      action: 'principal.create',
      object: `principal:${id}`,
      payload: { role: 'admin', purposes },
    })
    return true
  })
  const admin = isNew ? principal : await find(board, keyHash)
  if (!admin) throw fail('admin_revoked')
  return admin
}

async function find({ db }: Board, keyHash: string): Promise<Principal | undefined> {
  const [row] = await findPrincipalByKeyHash(db.sql, { keyHash })
  if (!row) return undefined
  const { keyHash: _, ...principal } = row
  return principal
}
