import { insertPrincipal } from '../../blackboard/query/insertPrincipal.ts'
import { transact } from '../../blackboard/transact.ts'
import { principalInputSchema } from '../model/principal.ts'
import type { Principal } from '../model/principal.ts'
import { demand } from '../read/reader.ts'
import type { Reader } from '../read/reader.ts'
import { audit } from './audit.ts'
import { createPrincipalKey, hashKey } from './key.ts'
import { parseInput } from './parseInput.ts'

export interface NewPrincipal {
  principal: Principal
  /** Shown this once; only its hash is kept. */
  key: string
}

/** @throws forbidden, bad_input */
export async function createPrincipal(reader: Reader, input: unknown): Promise<NewPrincipal> {
  demand(reader, 'administer', 'Principal')
  const { name, role, purposes } = parseInput(principalInputSchema, input)
  const { board, principal: caller } = reader
  const { workspaceId } = caller
  const id = board.clock.id()
  const key = createPrincipalKey(id)
  const at = board.clock.now().toISOString()
  await transact(board.db, async (tx) => {
    await insertPrincipal(tx, { workspaceId, id, name, role, purposes, keyHash: hashKey(key), at })
    await audit(tx, board, {
      workspaceId,
      actor: `principal:${caller.id}`,
      action: 'principal.create',
      object: `principal:${id}`,
      payload: { role, purposes },
    })
  })
  return { principal: { id, workspaceId, name, role, purposes }, key }
}
