import { revokePrincipal as revoke } from '../../blackboard/query/revokePrincipal.ts'
import { transact } from '../../blackboard/transact.ts'
import { fail } from '../errors.ts'
import { demand } from '../read/reader.ts'
import type { Reader } from '../read/reader.ts'
import { audit } from './audit.ts'

/**
 * Ends a principal's key; every process stops honouring it within a second.
 * @throws forbidden, not_found; bad_input for one's own key, so that nobody locks the door from outside
 */
export async function revokePrincipal(
  reader: Reader,
  id: string,
): Promise<{ id: string; revokedAt: Date }> {
  demand(reader, 'administer', 'Principal')
  const { board, principal: caller } = reader
  const { workspaceId } = caller
  if (id === caller.id) {
    throw fail('bad_input', { path: 'input.id', reason: 'a principal cannot revoke itself' })
  }
  return transact(board.db, async (tx) => {
    const [revoked] = await revoke(tx, { workspaceId, id, at: board.clock.now().toISOString() })
    if (!revoked) throw fail('not_found', { what: `principal ${id} with a valid key` })
    await audit(tx, board, {
      workspaceId,
      actor: `principal:${caller.id}`,
      action: 'principal.revoke',
      object: `principal:${id}`,
      payload: {},
    })
    return revoked
  })
}
