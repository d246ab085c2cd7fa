import { insertSource } from '../../blackboard/query/insertSource.ts'
import { transact } from '../../blackboard/transact.ts'
import { sourceInputSchema } from '../model/source.ts'
import { demand } from '../read/reader.ts'
import type { Reader } from '../read/reader.ts'
import { audit } from './audit.ts'
import { createWriteKey, hashKey } from './key.ts'
import { parseInput } from './parseInput.ts'

export interface NewSource {
  id: string
  name: string
  /** Shown this once; only its hash is kept. */
  writeKey: string
}

/** @throws forbidden, bad_input */
export async function createSource(reader: Reader, input: { name: string }): Promise<NewSource> {
  demand(reader, 'administer', 'Source')
  const { name } = parseInput(sourceInputSchema, input)
  const { board, principal } = reader
  const { workspaceId } = principal
  const id = board.clock.id()
  const writeKey = createWriteKey()
  const at = board.clock.now().toISOString()
  await transact(board.db, async (tx) => {
    await insertSource(tx, { workspaceId, id, name, writeKeyHash: hashKey(writeKey), at })
    await audit(tx, board, {
      workspaceId,
      actor: `principal:${principal.id}`,
      action: 'source.create',
      object: `source:${id}`,
      payload: {},
    })
  })
  return { id, name, writeKey }
}
